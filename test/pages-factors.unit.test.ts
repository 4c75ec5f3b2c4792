import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { generateSync } from 'otplib'
import type { Browser, Page } from 'playwright-core'
import { freePort } from './support/free-port.ts'
import { executablePath, launch, openPage } from './support/in-chromium.ts'
import { bearer, freshEmail, makeApp, PASSWORD, type TestApp } from './support/make-app.ts'
import { sentTo } from './support/secrets.ts'

const target = process.env.LATCHKEY_SCREENSHOTS

const inBrowser = executablePath ? describe : describe.skip
if (!executablePath) console.log('no chromium: second factors on the link pages are not tested')

inBrowser('the second step on a link page', () => {
  let t: TestApp
  let server: Server
  let base: string
  let browser: Browser
  beforeAll(async () => {
    const port = await freePort()
    base = `http://localhost:${port}`
    t = await makeApp({
      options: {
        magicLink: { enabled: true },
        mfa: { email: true, sms: true, required: ({ metadata }) => metadata.mustEnrol === true },
        identifiers: { email: true, phone: true },
        passkeys: { enabled: true, secondFactor: true, rpId: 'localhost', origins: [base] },
        tenants: { mode: 'shared' },
        cookies: { secure: false },
        appUrl: 'https://app.example.com',
      },
    })
    server = createServer(t.app).listen(port)
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  })

  let phones = 0
  async function someone() {
    const [email, phone] = [freshEmail(), `+4915112345${String(++phones).padStart(3, '0')}`]
    const user = await t.auth.users.create({ email, emailVerified: true, phone, phoneVerified: true, password: PASSWORD })
    const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
    return { email, phone, userId: user.id, accessToken: body.accessToken as string }
  }
  async function totp(accessToken: string) {
    const { body: begun } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
    const code = () => generateSync({ secret: begun.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period: 30 })
    const { body } = await t.call('post', `/auth/mfa/totp/${begun.id}/confirm`, { code: code() }, bearer(accessToken)).expect(200)
    t.clock.advance(60)
    return { code, recoveryCodes: body.recoveryCodes as string[] }
  }
  async function sms(accessToken: string, phone: string) {
    const { body: begun } = await t.call('post', '/auth/mfa/sms', {}, bearer(accessToken)).expect(200)
    const { code } = await sentTo(t, phone)
    await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code }, bearer(accessToken)).expect(200)
    t.clock.advance(60)
  }
  async function follow(email: string, options: Parameters<Browser['newContext']>[0] = {}) {
    await t.call('post', '/auth/magic-link/request', { email }).expect(202)
    const { url } = await sentTo(t, email, 'magic_link')
    const opened = await openPage(browser, url.replace('https://api.example.com', base), options)
    return opened
  }
  const press = (page: Page, text: string) => page.click(`button:visible:has-text("${text}")`)
  const said = (page: Page, what: 'good' | 'error', text: string) => page.waitForSelector(`[role=status].${what}:has-text("${text}")`)
  const shows = (page: Page) => page.$$eval('button', (all) => all.filter((one: any) => one.offsetParent !== null).map(({ textContent }) => textContent))

  test('a code by SMS is sent when asked for, once more when asked again, and may be typed with spaces', async () => {
    const { email, phone, accessToken } = await someone()
    await sms(accessToken, phone)
    const { page, complaints, context } = await follow(email)
    const sent = () => t.mailbox.to(phone).filter(({ kind }) => kind === 'mfa_code').length
    await press(page, 'Sign in')
    await page.waitForSelector('#ways:not([hidden])')
    expect(await page.isVisible('#code')).toBe(false)
    expect(await shows(page)).toEqual([expect.stringMatching(/^Send a code to my phone \(.+\)$/), 'Use a recovery code'])
    const before = sent()
    await press(page, 'Send a code to my phone')
    await page.waitForSelector('#code:has-text("Code from the message")')
    await t.mailbox.settle()
    expect(sent()).toBe(before + 1)
    await page.fill('[name=code]', '000-000')
    await press(page, 'Go on')
    await said(page, 'error', 'not valid')
    t.clock.advance(120)
    await press(page, 'Send a code to my phone')
    await said(page, 'good', 'on its way')
    const { code } = await sentTo(t, phone, 'mfa_code')
    await page.fill('[name=code]', ` ${code.slice(0, 3)} ${code.slice(3)}`)
    await press(page, 'Go on')
    await said(page, 'good', 'You are signed in.')
    expect((await context.cookies()).map(({ name }) => name)).toContain('lk.access')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('an authenticator has its field at once, a recovery code is another choice, and a reload amid it loses nothing', async () => {
    const { email, accessToken } = await someone()
    const { code, recoveryCodes } = await totp(accessToken)
    const first = await follow(email)
    await press(first.page, 'Sign in')
    await first.page.waitForSelector('#code:has-text("Code of your authenticator app")')
    await first.page.reload()
    await first.page.waitForSelector('#code:has-text("Code of your authenticator app")')
    const typed = code()
    await first.page.fill('[name=code]', `${typed.slice(0, 3)}-${typed.slice(3)}`)
    await first.page.keyboard.press('Enter')
    await said(first.page, 'good', 'You are signed in.')
    await first.page.reload()
    await said(first.page, 'good', 'You are signed in.')
    const second = await follow(email)
    await press(second.page, 'Sign in')
    await press(second.page, 'Use a recovery code')
    await second.page.waitForSelector('#code:has-text("Recovery code")')
    expect(await shows(second.page)).toEqual(['Go on', 'Use my authenticator app'])
    await second.page.fill('[name=code]', ` ${recoveryCodes[0]!.toUpperCase()} `)
    await press(second.page, 'Go on')
    await said(second.page, 'good', 'You are signed in.')
    expect([...first.complaints, ...second.complaints]).toEqual([])
    await first.context.close()
    await second.context.close()
  })

  test('a passkey is asked for by a button; where it is not given the other ways stay', async () => {
    const { email, accessToken } = await someone()
    const opened = await openPage(browser, `${base}/auth/magic-link`)
    const client = await opened.context.newCDPSession(opened.page)
    await client.send('WebAuthn.enable')
    const authenticator = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true }
    const options = { ...authenticator, automaticPresenceSimulation: true } as never
    const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options })
    const status = await opened.page.evaluate(`(async () => {
      const headers = { 'Content-Type': 'application/json', Authorization: ${JSON.stringify(`Bearer ${accessToken}`)} }
      const post = (path, body) => fetch('/auth' + path, { method: 'POST', headers, body: JSON.stringify(body) })
      const { options, ceremonyToken } = await (await post('/passkeys/registration/options', {})).json()
      const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      return (await post('/passkeys/registration', { response: made.toJSON(), ceremonyToken })).status
    })()`)
    expect(status).toBe(201)
    await t.call('post', '/auth/magic-link/request', { email }).expect(202)
    const { page, complaints, context } = opened
    await page.goto((await sentTo(t, email, 'magic_link')).url.replace('https://api.example.com', base))
    await press(page, 'Sign in')
    await page.waitForSelector('#ways:not([hidden])')
    expect(await shows(page)).toEqual(['Use my passkey'])
    await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false })
    await page.evaluate(`navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))`)
    await press(page, 'Use my passkey')
    await said(page, 'error', 'was not used')
    await page.evaluate(`navigator.credentials.get = () => Promise.reject(new DOMException('', 'SecurityError'))`)
    await press(page, 'Use my passkey')
    await said(page, 'error', 'does not work on this page')
    expect(await page.isVisible('#continue')).toBe(true)
    await page.reload()
    await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true })
    await press(page, 'Use my passkey')
    await said(page, 'good', 'You are signed in.')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('after the second step a team is asked for, and a sign-in that has run out says how to begin again', async () => {
    const { email, userId, accessToken } = await someone()
    const { code } = await totp(accessToken)
    const teams = await Promise.all(['Gone', 'First', 'Second'].map((name) => t.auth.tenants.create({ name })))
    for (const { id } of teams) await t.auth.memberships.add({ userId, tenantId: id })
    await t.auth.tenants.suspend(teams[0]!.id)
    const { page, complaints, context } = await follow(email)
    await press(page, 'Sign in')
    await page.fill('[name=code]', code())
    await press(page, 'Go on')
    await page.waitForSelector('#teams:not([hidden])')
    expect(await shows(page)).toEqual(['Go on'])
    await page.selectOption('#teams select', { label: 'Second' })
    await press(page, 'Go on')
    await said(page, 'good', 'You are signed in.')
    const late = await follow(email)
    await press(late.page, 'Sign in')
    await late.page.waitForSelector('#code:not([hidden])')
    t.clock.advance(3600)
    await late.page.fill('[name=code]', code())
    await press(late.page, 'Go on')
    await said(late.page, 'error', 'Ask for a new link where you sign in.')
    expect([await late.page.isVisible('form'), await late.page.isVisible('#continue')]).toEqual([false, true])
    expect([...complaints, ...late.complaints]).toEqual([])
    await context.close()
    await late.context.close()
  })

  test('what only the app can go on with is said in plain words, with the way there', async () => {
    const { email, userId } = await someone()
    await t.prisma.authUser.update({ where: { id: userId }, data: { mustChangePassword: true } })
    const { page, complaints, context } = await follow(email)
    await press(page, 'Sign in')
    await said(page, 'good', 'You are not signed in yet: this account needs a new password first. Sign in to the app to choose one.')
    expect(await page.getAttribute('#continue', 'href')).toBe('https://app.example.com')
    const other = freshEmail()
    await t.auth.users.create({ email: other, emailVerified: true, metadata: { mustEnrol: true } })
    const enrolling = await follow(other)
    await press(enrolling.page, 'Sign in')
    await said(enrolling.page, 'good', 'You are not signed in yet: this account needs a second factor first. Sign in to the app to set one up.')
    expect(await enrolling.page.isVisible('#continue')).toBe(true)
    expect([...complaints, ...enrolling.complaints]).toEqual([])
    await context.close()
    await enrolling.context.close()
  })

  test('looks (written where LATCHKEY_SCREENSHOTS says)', async () => {
    const { email, phone, accessToken } = await someone()
    await sms(accessToken, phone)
    const again = (await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body
    expect(again.status).toBe('mfa_required')
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280]) {
        const { page, context } = await follow(email, { colorScheme, viewport: { width, height: 700 } })
        await press(page, 'Sign in')
        await page.waitForSelector('#ways:not([hidden])')
        expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false)
        if (target) await page.screenshot({ path: path.join(target, `factor-ways-${colorScheme}-${width}.png`) })
        await press(page, 'Use a recovery code')
        await page.waitForSelector('#code:not([hidden])')
        if (target) await page.screenshot({ path: path.join(target, `factor-code-${colorScheme}-${width}.png`) })
        await context.close()
      }
    }
  })
})
