import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { provider } from './support/databases.ts'
import { makeApp, ownDatabase, SECRET } from './support/make-app.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-test-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const ROUNDS = 4

/** Runs the child, and kills it at some moment after it has done its first round. */
async function killOnce(url: string, mailFile: string, delay: number) {
  const child: ChildProcess = fork(path.resolve(__dirname, 'support/crash-child.ts'), [provider, url, mailFile], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error('the child ended by itself')))
  })
  await new Promise((resolve) => setTimeout(resolve, delay))
  child.kill('SIGKILL')
  await ended
}

test('F-05: killed at any moment, no reset is half done, no message is lost and none is sent more than twice', async () => {
  const database = await ownDatabase()
  const mailFile = path.join(dir, 'mail.jsonl')
  for (let round = 0; round < ROUNDS; round++) await killOnce(database.url, mailFile, 37 + ((round * 91) % 300))

  const prisma = database.connect()
  const delivered: { id: string; kind: string; to: string }[] = existsSync(mailFile)
    ? readFileSync(mailFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []
  // Another process takes over what the dead ones had claimed.
  const app = await makeApp({
    prisma,
    clock: { now: () => new Date(Date.now() + 120_000), advance: () => {} },
    options: { secret: SECRET, mailer: { send: async ({ id, kind, to }) => void delivered.push({ id, kind, to }) } },
  })
  await app.auth.messages.deliver()

  const users = await prisma.authUser.findMany()
  expect(users.length).toBeGreaterThan(ROUNDS)
  const audit = await prisma.authAuditLog.findMany()
  const spent = await prisma.authOtp.findMany({ where: { purpose: 'reset_password', consumedAt: { not: null } } })
  const messages = await prisma.authMessage.findMany()
  for (const user of users) {
    const of = (event: string) => audit.filter((row) => row.userId === user.id && row.event === event).length
    const resets = spent.filter(({ userId }) => userId === user.id).length
    const changed = user.passwordChangedAt!.getTime() > user.createdAt.getTime()
    const told = messages.filter(({ userId, kind }) => userId === user.id && kind === 'password_changed').length
    expect([of('user.registered'), of('password.reset'), told, changed]).toEqual([1, resets, resets, resets === 1])
  }
  expect(messages.filter(({ sentAt, failedAt }) => sentAt === null && failedAt === null)).toEqual([])
  const times = new Map<string, number>()
  for (const { id } of delivered) times.set(id, (times.get(id) ?? 0) + 1)
  const expired = new Set(messages.filter(({ failedAt }) => failedAt !== null).map(({ id }) => id))
  for (const { id } of messages) if (!expired.has(id)) expect(times.get(id)).toBeGreaterThanOrEqual(1)
  for (const count of times.values()) expect(count).toBeLessThanOrEqual(2)
  if (provider === 'sqlite') expect(await prisma.$queryRawUnsafe('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  await prisma.$disconnect()
})
