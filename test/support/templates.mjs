import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { connectTo, onServer } from './providers.mjs'

const PREFIX = 'latchkey_test_'
const HOUR = 3_600_000
export const snapshot = (name) => readFileSync(path.resolve(import.meta.dirname, `../../sql/${name}.sql`), 'utf8')

// The time is in the name, so that what a killed run has left can be told from what another one is using.
const newName = () => `${PREFIX}${Date.now().toString(36)}_${randomBytes(5).toString('hex')}`
const isOld = (name) => Date.now() - Number.parseInt(/^latchkey_test_([0-9a-z]{8})_/.exec(name)?.[1] ?? Date.now().toString(36), 36) > 2 * HOUR

async function makeFile() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-test-'))
  const connection = await new PrismaLibSql({ url: `file:${path.join(dir, 'template.db')}` }).connect()
  await connection.executeScript(snapshot('sqlite'))
  // Last, so that the file is whole without its log.
  await connection.executeScript('PRAGMA journal_mode = WAL')
  await connection.dispose()
  return dir
}

async function makeTemplate(place) {
  const name = newName()
  await onServer(place, `CREATE DATABASE ${name}`)
  const url = new URL(place.url)
  url.pathname = name
  const connection = await connectTo({ ...place, url: url.href })
  await connection.executeScript(snapshot('postgresql'))
  await connection.dispose()
  return name
}

const listing = {
  postgresql: `SELECT datname FROM pg_database WHERE datname LIKE '${PREFIX}%'`,
  mysql: `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '${PREFIX}%'`,
}

async function dropLeftovers(providers) {
  for (const place of providers.filter(({ name }) => name !== 'sqlite')) {
    const names = (await onServer(place, listing[place.name])).map(([name]) => name).filter(isOld)
    if (names.length > 0) await onServer(place, ...names.map((name) => `DROP DATABASE IF EXISTS ${name}`))
  }
  const dirs = readdirSync(os.tmpdir()).filter((name) => name.startsWith('latchkey-test-'))
  for (const dir of dirs.map((name) => path.join(os.tmpdir(), name)))
    if (Date.now() - statSync(dir).mtimeMs > 2 * HOUR) rmSync(dir, { recursive: true, force: true })
}

/** Makes what `createDatabase` copies; the workers find it in the environment. */
export async function makeTemplates(providers) {
  await dropLeftovers(providers)
  process.env.LATCHKEY_TEST_DIR = await makeFile()
  const postgresql = providers.find(({ name }) => name === 'postgresql')
  if (postgresql) process.env.LATCHKEY_TEST_TEMPLATE = await makeTemplate(postgresql)
}

export async function dropTemplates(providers) {
  rmSync(process.env.LATCHKEY_TEST_DIR, { recursive: true, force: true })
  const postgresql = providers.find(({ name }) => name === 'postgresql')
  if (postgresql) await onServer(postgresql, `DROP DATABASE IF EXISTS ${process.env.LATCHKEY_TEST_TEMPLATE} WITH (FORCE)`)
}
