import vm from 'node:vm'
import { isDatabaseUnavailable, isWriteConflict } from '../src/prisma-errors.ts'

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

test('F-01, F-16: what Prisma has no code for is told by the code of the database', () => {
  const told = (originalCode: string) =>
    Object.assign(new Error('x'), { code: 'P2039', meta: { driverAdapterError: Object.assign(new Error('y'), { cause: { kind: 'mysql', originalCode } }) } })
  const facts = (code: string) => [isWriteConflict(told(code)), isDatabaseUnavailable(told(code))]
  for (const conflict of ['1020', '1205', '55P03']) expect(facts(conflict)).toEqual([true, true])
  for (const outage of ['57P01', '1317', '53300', '08006']) expect(facts(outage)).toEqual([false, true])
  for (const mistake of ['42P01', '1146', '22P02']) expect(facts(mistake)).toEqual([false, false])
})
