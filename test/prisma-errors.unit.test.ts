import vm from 'node:vm'
import { isDatabaseUnavailable } from '../src/prisma-errors.ts'

test('F-01: a connection that broke is told by an error of another realm as well, as Node itself throws them under Jest', () => {
  const broken = vm.runInNewContext("Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })")
  expect(broken).not.toBeInstanceOf(Error)
  expect([isDatabaseUnavailable(broken), isDatabaseUnavailable({ code: 'ECONNRESET' })]).toEqual([true, false])
})

test('F-01: a connection that failed is told by its SQLSTATE, whatever the driver says of it', () => {
  const told = (state: string) =>
    Object.assign(new Error('x'), { code: 'P2010', meta: { driverAdapterError: new Error('y', { cause: { kind: 'mysql', state } }) } })
  expect([isDatabaseUnavailable(told('08S01')), isDatabaseUnavailable(told('42000'))]).toEqual([true, false])
})
