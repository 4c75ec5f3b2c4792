// Starts examples/minimal on a fresh SQLite file and asks it what the README promises.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'

const root = path.resolve(import.meta.dirname, '../..')
const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-example-'))
const url = `file:${path.join(dir, 'example.db')}`

async function freePort() {
  const server = net.createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const database = await new PrismaLibSql({ url }).connect()
await database.executeScript(readFileSync(path.join(root, 'sql/sqlite.sql'), 'utf8'))
await database.dispose()

const base = `http://localhost:${await freePort()}`
const example = spawn(process.execPath, ['--import', 'tsx', 'examples/minimal/server.ts'], {
  cwd: root,
  env: { ...process.env, DATABASE_URL: url, PORT: new URL(base).port, AUTH_SECRET: randomBytes(32).toString('base64') },
  stdio: ['ignore', 'ignore', 'inherit'],
})

async function untilUp() {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && example.exitCode === null; await wait(100)) {
    const up = await fetch(`${base}/auth/health`).catch(() => null)
    if (up?.ok) return
  }
  throw new Error('examples/minimal did not start')
}

try {
  await untilUp()
  const get = (route, token) => fetch(base + route, { headers: token ? { authorization: `Bearer ${token}` } : {} })
  const body = JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' })
  const signUp = await fetch(`${base}/auth/signup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  assert.equal(signUp.status, 201)
  const { accessToken } = await signUp.json()
  assert.equal((await get('/me')).status, 401)
  assert.equal((await get('/me', accessToken)).status, 200)
  assert.equal((await get('/admin', accessToken)).status, 403)
  console.log('the minimal example signs up, lets in and refuses')
} finally {
  if (example.exitCode === null) {
    example.kill()
    await once(example, 'exit')
  }
  rmSync(dir, { recursive: true, force: true })
}
