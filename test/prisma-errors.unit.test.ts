import vm from 'node:vm'
import { isDatabaseUnavailable } from '../src/prisma-errors.ts'

test('F-01: a connection that broke is told by an error of another realm as well, as Node itself throws them under Jest', () => {
  const broken = vm.runInNewContext("Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })")
  expect(broken).not.toBeInstanceOf(Error)
  expect([isDatabaseUnavailable(broken), isDatabaseUnavailable({ code: 'ECONNRESET' })]).toEqual([true, false])
})
