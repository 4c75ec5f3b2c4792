import { createHash } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pwnedPasswords } from '../../../src/index.ts'
import { freshEmail, makeApp, PASSWORD } from '../../support/make-app.ts'

const servers: ReturnType<typeof createServer>[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** A stand-in for the range service. */
async function rangeService(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`
}
const hash = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase()
const join = async (breached: ReturnType<typeof pwnedPasswords>) => {
  const t = await makeApp({ options: { password: { breached } } })
  return { t, answer: await t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }) }
}

test('a password known from a breach is refused; only five digits of its hash leave (B-14)', async () => {
  const asked: string[] = []
  const url = await rangeService((req, res) => {
    asked.push(`${req.url} ${req.headers['add-padding']}`)
    res.end(`0018A45C4D1DEF81644B54AB7F969B88D65:0\r\n${hash.slice(5)}:37\r\n`)
  })
  const { answer } = await join(pwnedPasswords({ url }))
  expect(answer.status).toBe(422)
  expect(answer.body).toMatchObject({ code: 'PASSWORD_TOO_WEAK', reasons: [{ code: 'breached' }] })
  expect(asked).toEqual([`/range/${hash.slice(0, 5)} true`])
})

test.each([
  ['not in the list', (_req, res) => void res.end('0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n')],
  ['padding', (_req, res) => void res.end(`${hash.slice(5)}:0\r\n`)],
] as [string, RequestListener][])('a password passes that is %s', async (_what, listener) => {
  expect((await join(pwnedPasswords({ url: await rangeService(listener) }))).answer.status).toBe(201)
})

test.each([
  ['answers 500', (_req, res) => void res.writeHead(500).end()],
  ['redirects', (_req, res) => void res.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
  ['hangs', () => {}],
] as [string, RequestListener][])('a service that %s lets the password pass, within bounds, and is logged (R-210)', async (_what, listener) => {
  const { t, answer } = await join(pwnedPasswords({ url: await rangeService(listener), timeout: 200 }))
  expect(answer.status).toBe(201)
  expect(t.logs.map(({ message }) => message)).toContain('a password could not be checked against known breaches')
  expect(JSON.stringify(t.logs)).not.toContain(PASSWORD)
})
