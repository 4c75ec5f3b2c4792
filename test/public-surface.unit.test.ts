import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as latchkey from '../src/index.ts'
import { optionsSchema } from '../src/options.ts'
import { version } from '../src/version.ts'
import { routes } from './support/contract.ts'

// What others rely on. A change here is a change of the contract: it belongs in the changelog, and a removal in a major version.

test('what the entry exports', () => {
  expect(Object.keys(latchkey).sort()).toMatchSnapshot()
})

test('error codes and their statuses', () => {
  expect(Object.fromEntries(Object.entries(latchkey.errorCodes).map(([code, { status }]) => [code, status]))).toMatchSnapshot()
})

test('event names', () => {
  expect([...latchkey.eventNames].sort()).toMatchSnapshot()
})

test('options', () => {
  expect(Object.keys(optionsSchema.shape).sort()).toMatchSnapshot()
})

test('routes and who may call them', () => {
  expect(routes.map(({ method, path, access }) => `${method} ${path} (${access})`).sort()).toMatchSnapshot()
})

test('the version is that of package.json', () => {
  expect(version).toBe((JSON.parse(readFileSync(path.resolve(__dirname, '../package.json'), 'utf8')) as { version: string }).version)
})
