import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { generateSync } from 'otplib'
import type { Browser, Page } from 'playwright-core'
import { createPlayground } from '../examples/playground/app.ts'
import { connect } from '../examples/playground/database.ts'
import { oidc } from '../src/index.ts'
import { edgeContrast, executablePath, launch } from './support/in-chromium.ts'
import { type RunningProvider, startOidcProvider } from './support/local-provider.ts'
import { SECRET } from './support/make-app.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-playground-'))
const folder = path.resolve(__dirname, '../examples/playground')
let playground: Awaited<ReturnType<typeof createPlayground>>
let server: Server
let base: string
let provider: RunningProvider

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
beforeAll(async () => {
  // The page's address is an option, so the port comes first.
  server = createServer((req, res) => playground.app(req, res)).listen(0)
  base = `http://localhost:${(server.address() as AddressInfo).port}`
  provider = await startOidcProvider([`${base}/auth/oauth/local/callback`])
  const { issuer, clientId, clientSecret } = provider
  const providers = [oidc({ id: 'local', issuer, clientId, clientSecret })]
  playground = await createPlayground({ databaseUrl: `file:${path.join(dir, 'test.db')}`, secret: SECRET, folder, logger, url: base, providers })
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await playground.close()
  await provider.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('the page is served under a strict policy, and the API below it works', async () => {
  const page = await fetch(base)
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'self'/)
  expect(await page.text()).not.toMatch(/<script>|style=|onclick=/)
  expect((await fetch(`${base}/api/hello`)).status).toBe(401)
})

test('it starts on tables that something else has made, such as prisma migrate deploy', async () => {
  const databaseUrl = `file:${path.join(dir, 'made-before.db')}`
  const client = await connect(databaseUrl)
  const sql = readFileSync(path.resolve(folder, '../../sql/sqlite.sql'), 'utf8')
  for (const statement of sql.split(/;\n/).filter((one) => one.trim() !== '')) await client.$executeRawUnsafe(statement)
  await client.$disconnect()
  for (let times = 0; times < 2; times++) {
    const again = await createPlayground({ databaseUrl, secret: SECRET, folder, logger })
    expect(await again.auth.users.findByEmail('nobody@example.com')).toBeNull()
    await again.close()
  }
  const half = `file:${path.join(dir, 'half-made.db')}`
  const other = await connect(half)
  await other.$executeRawUnsafe('CREATE TABLE auth_users (id TEXT)')
  await other.$disconnect()
  await expect(createPlayground({ databaseUrl: half, secret: SECRET, folder, logger })).rejects.toThrow(
    /some of latchkey's tables, but not .*auth_sessions.*DATABASE_URL/,
  )
})

const inBrowser = executablePath ? describe : describe.skip
if (!executablePath) console.log('no chromium: the playground is checked by HTTP only')

inBrowser('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  async function open(options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && !/Failed to load resource/.test(message.text()) && complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.on('dialog', (dialog) => void complaints.push(dialog.message()))
    await page.goto(base)
    return { page, context, complaints }
  }
  const enter = async (page: Page, tab: 'signup' | 'login', email: string, password: string) => {
    await page.click(`#tab-${tab}`)
    await page.fill('#identifier', email)
    await page.fill('#password', password)
    await page.click('#submit')
  }

  test.each(['bearer', 'cookie'])('everything it shows works, by %s', async (transport) => {
    const { page, context, complaints } = await open({ userAgent: '<img src=x onerror=alert(1)> Firefox/1' })
    const email = `${transport}@example.com`
    await page.check(`[value=${transport}]`, { force: true })
    await enter(page, 'signup', email, 'password')
    await page.waitForSelector('#form-error:not([hidden])')
    expect(await page.textContent('#form-error')).toMatch(/guess/)
    await enter(page, 'signup', email, 'correct horse battery')
    await page.waitForSelector('#member:not([hidden])')
    expect(await page.textContent('#who')).toBe(email)
    await page.click('#hello')
    await page.waitForSelector('#route-answer:has-text("You are signed in.")')
    await page.click('#admin')
    await page.waitForSelector('#route-answer.error')
    await page.click('#become')
    await page.waitForSelector('#facts:has-text("admin")')
    await page.waitForSelector('#route-answer.hint:has-text("You are an admin now")')
    await page.click('#admin')
    await page.waitForSelector('#route-answer:has-text("You are an admin.")')
    await page.click('#refresh')
    await page.waitForSelector('#log li:has-text("/auth/refresh") .good')
    const second = await open()
    await second.page.check(`[value=${transport}]`, { force: true })
    await enter(second.page, 'login', email, 'wrong password')
    await second.page.waitForSelector('#form-error:not([hidden])')
    await enter(second.page, 'login', email, 'correct horse battery')
    await second.page.waitForSelector('#sessions button')
    await second.page.click('#sessions button')
    await second.page.waitForSelector('#sessions button', { state: 'detached' })
    await page.click('#hello')
    await page.waitForSelector('#route-answer.error')
    if (transport === 'cookie') expect((await second.context.cookies()).every(({ httpOnly }) => httpOnly)).toBe(true)
    await second.page.click('#logout')
    await second.page.waitForSelector('#guest:not([hidden])')
    expect([...complaints, ...second.complaints]).toEqual([])
    await context.close()
    await second.context.close()
  })

  test('second factors and passkeys, from setting up to signing in', async () => {
    const { page, context, complaints } = await open()
    const client = await context.newCDPSession(page)
    await client.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    }
    await client.send('WebAuthn.addVirtualAuthenticator', { options: options as never })
    const email = 'factors@example.com'
    await enter(page, 'signup', email, 'correct horse battery')
    await page.waitForSelector('#member:not([hidden])')
    await page.click('#add-passkey')
    await page.waitForSelector('#passkeys li:has-text("This browser")')
    await page.click('#add-app')
    const secret = await page.textContent('#totp-secret')
    const code = (steps = 0) => generateSync({ secret: secret!, epoch: Math.floor(Date.now() / 1000) + steps * 30, digits: 6, period: 30 })
    if (process.env.LATCHKEY_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.LATCHKEY_SCREENSHOTS, 'factors.png'), fullPage: true })
    await page.fill('#totp-form input', code())
    await page.click('#totp-form button')
    await page.waitForSelector('#second-factors pre:not([hidden])')
    await page.click('#logout')
    await page.waitForSelector('#guest:not([hidden])')
    await enter(page, 'login', email, 'correct horse battery')
    await page.waitForSelector('#next-step')
    await page.fill('#next-step input', code(1))
    await page.click('#next-step button')
    await page.waitForSelector('#facts:has-text("pwd, otp, mfa")')
    await page.click('#logout')
    await page.waitForSelector('#guest:not([hidden])')
    await page.click('#passkey-sign-in')
    await page.waitForSelector('#facts:has-text("webauthn, mfa")')
    expect(complaints).toEqual([])
    await context.close()
  })

  test.each(['bearer', 'cookie'])('signing in at a provider in a popup, connecting and disconnecting it, by %s', async (transport) => {
    const { page, context, complaints } = await open()
    await page.check(`[value=${transport}]`, { force: true })
    const inPopup = async (press: string, name: string) => {
      const [popup] = await Promise.all([context.waitForEvent('page'), page.click(press)])
      await popup.waitForURL((url) => url.href.startsWith(provider.issuer))
      const login = await popup.waitForSelector('[name=login], [name=prompt][value=consent]', { state: 'attached' })
      if ((await login.getAttribute('name')) === 'login') {
        await popup.fill('[name=login]', name)
        await popup.fill('[name=password]', 'any')
        await popup.click('button[type=submit]')
        await popup.waitForSelector('[name=prompt][value=consent]', { state: 'attached' })
      }
      await Promise.all([popup.waitForEvent('close'), popup.click('button[type=submit]')])
    }
    await inPopup('#with-local', `popup-${transport}`)
    await page.waitForSelector(`#who:has-text("popup-${transport}@provider.example")`)
    expect(await page.textContent('#facts')).toContain('fed')
    await page.waitForSelector(`#identities li:has-text("popup-${transport}@provider.example")`)
    if (process.env.LATCHKEY_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.LATCHKEY_SCREENSHOTS, 'providers.png'), fullPage: true })
    await page.click('#logout')
    await enter(page, 'signup', `linker-${transport}@example.com`, 'correct horse battery')
    await page.waitForSelector('#identities li:has-text("None yet.")')
    await context.clearCookies({ domain: '127.0.0.1' })
    await inPopup('#connect-local', `linked-${transport}`)
    await page.waitForSelector('#identities li:has-text("the local provider")')
    await page.click('#identities li button')
    await page.waitForSelector('#identities li:has-text("None yet.")')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('regression 9: a page of another origin that opens the popup hears nothing of its outcome', async () => {
    const { page, context } = await open()
    await page.goto(base.replace('localhost', '127.0.0.1'))
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(
        `heard = []; addEventListener('message', ({ data }) => heard.push(data)); void open('${base}/auth/oauth/local?popup=1', 'stolen', 'popup')`,
      ),
    ])
    await popup.fill('[name=login]', 'victim')
    await popup.fill('[name=password]', 'any')
    await popup.click('button[type=submit]')
    await popup.waitForSelector('[name=prompt][value=consent]', { state: 'attached' })
    await Promise.all([popup.waitForEvent('close'), popup.click('button[type=submit]')])
    await page.waitForTimeout(300)
    expect(await page.evaluate('heard')).toEqual([])
    await context.close()
  })

  test('a team is made, someone is invited and joins, a key of the team is made, tried and revoked', async () => {
    const { page, context, complaints } = await open()
    await enter(page, 'signup', 'owner@example.com', 'correct horse battery')
    await page.waitForSelector('#member:not([hidden])')
    const inTeam = (selector: string) => `#team ${selector}`
    const line = (scope: string, label: string) => page.locator(`${scope} form`, { hasText: label })
    const hears = (scope: string, text: string) => page.locator(scope, { hasText: text }).waitFor()
    await line('#team', 'Name of a new team').locator('input').fill('The <b>Team</b>')
    await line('#team', 'Name of a new team').locator('button').click()
    await hears('#team', 'with the roles: owner')
    await line('#team', 'Invite by email').locator('input').fill('guest@example.com')
    await line('#team', 'Invite by email').locator('button').click()
    await hears('#team', 'guest@example.com')
    for (const heading of ['Members', 'Invitations that wait']) expect(await page.isVisible(inTeam(`h3:text-is("${heading}")`))).toBe(true)
    await page.click('#become')
    await page.waitForSelector('#route-answer.hint:has-text("no team. This session is in a team")')
    await page.click('#admin')
    await page.waitForSelector('#route-answer.error:has-text("This session is in a team")')
    await page.click(inTeam('button:text("requirePermission")'))
    await hears('#team', 'You may read the members.')
    const sent = async () =>
      ((await (await fetch(`${base}/api/messages`)).json()) as { to: string; url?: string }[]).find(({ to }) => to === 'guest@example.com')
    for (let tries = 0; tries < 50 && !(await sent()); tries++) await new Promise((resolve) => setTimeout(resolve, 100))
    const { page: guest } = await open()
    await guest.goto((await sent())!.url!)
    await guest.waitForSelector('#fresh:not([hidden])')
    await guest.fill('[name=password]', 'correct horse battery')
    await guest.click('button[type=submit]')
    await guest.waitForSelector('[role=status].good')
    await line('#api-keys', 'Name of a new key').locator('input').fill('Robot')
    await line('#api-keys', 'Name of a new key').locator('button').click()
    await page.waitForSelector('#api-keys pre:not([hidden])')
    const key = (await page.textContent('#api-keys pre'))!
    expect(key).toMatch(/^lk_/)
    const attempt = async () => {
      await line('#api-keys', 'Try a key').locator('input').fill(key)
      await line('#api-keys', 'Try a key').locator('button').click()
    }
    await attempt()
    await hears('#api-keys', 'Let in')
    if (process.env.LATCHKEY_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.LATCHKEY_SCREENSHOTS, 'team.png'), fullPage: true })
    await page.click('#api-keys li button')
    await hears('#api-keys', 'No keys yet.')
    await attempt()
    await hears('#api-keys', 'not valid')
    expect(complaints).toEqual([])
    await context.close()
  })

  const sentTo = async (email: string, kind: string) => {
    type Sent = { to: string; kind: string; url?: string }
    for (let tries = 0; tries < 50; tries++) {
      const all = (await (await fetch(`${base}/api/messages`)).json()) as Sent[]
      const found = all.find((message) => message.to === email && message.kind === kind)
      if (found) return found.url!
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`${kind} was not sent`)
  }

  test('whoever comes back from a link page, which signs in by cookie, is signed in here too', async () => {
    const { page, context, complaints } = await open()
    const email = 'back@example.com'
    await playground.auth.users.create({ email, emailVerified: true })
    await page.fill('#identifier', email)
    await page.click('button:text("Send me a link")')
    await page.goto(await sentTo(email, 'magic_link'))
    await page.click('button[type=submit]')
    await page.click('#continue')
    await page.waitForSelector(`#who:has-text("${email}")`)
    expect(await page.isChecked('[value=cookie]')).toBe(true)
    expect(complaints).toEqual([])
    await context.close()
  })

  test('someone in two teams chooses one to sign in to; the keyboard is enough, and long names fit a phone', async () => {
    const { page, context, complaints } = await open({ viewport: { width: 375, height: 800 } })
    const email = 'two-teams@example.com'
    const { id: userId } = await playground.auth.users.create({ email, password: 'correct horse battery' })
    for (const name of ['The default one', `Team ${'m'.repeat(60)}`, 'Other team']) {
      const { id: tenantId } = await playground.auth.tenants.create({ name })
      await playground.auth.memberships.add({ userId, tenantId })
      if (name === 'The default one') await playground.auth.tenants.suspend(tenantId)
    }
    await page.click('#tab-login')
    await page.focus('#identifier')
    await page.keyboard.type(email)
    await page.keyboard.press('Tab')
    await page.keyboard.type('correct horse battery')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#next-step button:focus')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#who:focus')
    await page.waitForSelector('#team li:has-text("Switch to it")')
    expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false)
    await page.click('#logout')
    await page.waitForSelector('#tab-login:focus')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('looks (written where LATCHKEY_SCREENSHOTS says)', async () => {
    const target = process.env.LATCHKEY_SCREENSHOTS
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 390]) {
        const { page, context } = await open({ colorScheme, viewport: { width, height: 900 } })
        const isTooWide = () => page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
        expect(await isTooWide()).toBe(false)
        for (const selector of ['#password', '#passkey-sign-in', '#transport']) expect(await edgeContrast(page, selector)).toBeGreaterThanOrEqual(3)
        if (target) await page.screenshot({ path: path.join(target, `guest-${colorScheme}-${width}.png`), fullPage: true })
        await enter(page, 'signup', `${colorScheme}${width}@example.com`, 'correct horse battery')
        await page.waitForSelector('#member:not([hidden])')
        await page.waitForSelector('#sessions li')
        expect(await isTooWide()).toBe(false)
        if (target) await page.screenshot({ path: path.join(target, `member-${colorScheme}-${width}.png`), fullPage: true })
        await context.close()
      }
    }
  })
})
