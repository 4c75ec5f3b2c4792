import { type ChildProcess, fork } from 'node:child_process'
import http from 'node:http'
import path from 'node:path'
import { provider } from './support/databases.ts'
import { ownDatabase, PASSWORD } from './support/make-app.ts'

interface Answer {
  status: number
  email: string
}

/** One request on a connection of its own; rejects where that is reset. */
function signUp(port: number, email: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ email, password: PASSWORD })
    const request = http.request({
      port,
      host: '127.0.0.1',
      path: '/auth/signup',
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
    request.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, email }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

test('F-11: SIGTERM under load: what was taken is answered, nothing is half written, no message is lost, the process ends by itself', async () => {
  const database = await ownDatabase()
  const client = database.connect()
  const child: ChildProcess = fork(path.resolve(__dirname, 'support/shutdown-child.ts'), [provider, database.url], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const heard = <Key extends string>(key: Key) =>
    new Promise<number>((resolve) => child.on('message', (message: Record<Key, number>) => key in message && resolve(Number(message[key]))))
  const ended = new Promise<{ code: number | null; at: number }>((resolve) => child.on('exit', (code) => resolve({ code, at: performance.now() })))
  const port = await heard('port')
  await signUp(port, 'first@example.com')
  const answers: Answer[] = []
  const errors: { code: string }[] = []
  const load = async (worker: number) => {
    for (let n = 0; n < 400; n++) {
      await signUp(port, `w${worker}n${n}@example.com`).then(
        (answer) => answers.push(answer),
        (error: { code: string }) => errors.push(error),
      )
      if (errors.length > 0) return
    }
  }
  const running = Promise.all(Array.from({ length: 8 }, (_, worker) => load(worker)))
  await new Promise((resolve) => setTimeout(resolve, 800))
  const stopping = heard('stopping')
  child.kill('SIGTERM')
  const began = performance.now()
  await stopping
  await running
  const { code, at } = await ended
  expect(code).toBe(0)
  expect(at - began).toBeLessThan(30_000)
  // Refused, or reset in the line of the system, are those that came when it no longer listened. That each user it made was answered shows that none it had taken was cut.
  expect(errors.map(({ code }) => code).filter((code) => code !== 'ECONNREFUSED' && code !== 'ECONNRESET')).toEqual([])
  expect(answers.length).toBeGreaterThan(5)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const users = await client.authUser.findMany({ select: { id: true, email: true } })
  expect(users.map(({ email }) => email)).toEqual(expect.arrayContaining(answers.map(({ email }) => email)))
  expect(users).toHaveLength(answers.length + 1)
  expect(await client.authSession.count()).toBe(users.length)
  expect(await client.authAuditLog.count({ where: { event: 'user.registered' } })).toBe(users.length)
  // Each has its message, sent or waiting for the next process.
  expect(await client.authMessage.count()).toBe(users.length)
  await client.$disconnect()
}, 240_000)
