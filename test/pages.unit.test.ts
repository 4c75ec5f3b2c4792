import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { edgeContrast, executablePath, launch, openPage } from './support/in-chromium.ts'
import { freshEmail, makeApp, PASSWORD, signUp, type TestApp } from './support/make-app.ts'
import { sentTo } from './support/secrets.ts'

const target = process.env.LATCHKEY_SCREENSHOTS
const NEW = 'a wholly different password'

let t: TestApp
let base: string
beforeAll(async () => {
  t = await makeApp({
    options: {
      magicLink: { enabled: true },
      tenants: { mode: 'shared' },
      cookies: { secure: false },
      messages: { appName: 'Acme' },
      appUrl: 'https://app.example.com',
    },
    routes: (app) => app.get('/', (_req, res) => void res.send('home')),
  })
  base = `http://localhost:${(t.server.address() as { port: number }).port}`
})
const paths = ['/verify-email', '/reset-password', '/magic-link', '/change-email', '/invitations/accept']

test.each(paths)('%s: a GET spends nothing, names no token, and may be neither kept, framed nor told on (R-054, R-058, R-081)', async (page) => {
  const before = [await t.prisma.authOtp.count(), await t.prisma.authAuditLog.count()]
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(`${base}/auth${page}?token=lkc_secret`, { method })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/,
    )
    expect(await answer.text()).not.toContain('lkc_secret')
  }
  expect([await t.prisma.authOtp.count(), await t.prisma.authAuditLog.count()]).toEqual(before)
})

test("with pages: 'app' the paths are the app's, and links lead below appUrl", async () => {
  const own = await makeApp({ options: { pages: 'app', appUrl: 'https://app.example.com' } })
  await own.call('get', '/auth/verify-email').expect(404)
  const email = freshEmail()
  await signUp(own, { email })
  expect((await sentTo(own, email)).url).toMatch(/^https:\/\/app\.example\.com\/verify-email\?token=lkc_/)
})

const inBrowser = executablePath ? describe : describe.skip
if (!executablePath) console.log('no chromium: the link pages are checked by HTTP only')

inBrowser('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  const open = (url: string, options: Parameters<Browser['newContext']>[0] = {}) => openPage(browser, url.replace('https://api.example.com', base), options)
  const said = (page: Page, what: 'good' | 'error') => page.waitForSelector(`[role=status].${what}`).then((element) => element.textContent())
  async function someone() {
    const email = freshEmail()
    await signUp(t, { email })
    return email
  }

  test('an address is confirmed by one press; the token leaves the address bar', async () => {
    const email = await someone()
    const { url } = await sentTo(t, email, 'verify_email')
    const { page, complaints } = await open(url)
    expect(page.url()).toBe(`${base}/auth/verify-email`)
    expect((await t.auth.users.findByEmail(email))!.emailVerified).toBe(false)
    await page.click('button')
    expect(await said(page, 'good')).toBe('Your address is confirmed.')
    expect(await page.getAttribute('#continue', 'href')).toBe('https://app.example.com')
    expect((await t.auth.users.findByEmail(email))!.emailVerified).toBe(true)
    const again = await open(url)
    await again.page.click('button')
    expect(await said(again.page, 'error')).toMatch(/not valid.*ask for a new link/)
    expect([await again.page.isVisible('form'), await again.page.isVisible('#continue')]).toEqual([false, true])
    await again.page.reload()
    expect(await said(again.page, 'error')).toMatch(/not valid/)
    expect([...complaints, ...again.complaints]).toEqual([])
  })

  test('a page that is loaded again in its tab goes on, though its address has no token any more', async () => {
    const email = await someone()
    const { page, complaints } = await open((await sentTo(t, email, 'verify_email')).url)
    await page.reload()
    expect(page.url()).toBe(`${base}/auth/verify-email`)
    await page.click('button')
    expect(await said(page, 'good')).toBe('Your address is confirmed.')
    await page.reload()
    expect(await said(page, 'good')).toBe('Your address is confirmed.')
    expect(await page.isVisible('form')).toBe(false)
    const elsewhere = await page.context().newPage()
    await elsewhere.goto(page.url())
    expect(await said(elsewhere, 'error')).toMatch(/not complete/)
    expect(complaints).toEqual([])
  })

  test('a password is reset; one that is refused says why and may be tried again', async () => {
    const email = await someone()
    await t.call('post', '/auth/forgot-password', { email }).expect(202)
    const { page, complaints } = await open((await sentTo(t, email, 'reset_password')).url)
    await page.fill('[name=newPassword]', 'password1')
    await page.click('button')
    expect(await said(page, 'error')).toMatch(/first that are guessed|first passwords/)
    await page.fill('[name=newPassword]', NEW)
    await page.click('button')
    expect(await said(page, 'good')).toMatch(/is set/)
    await t.call('post', '/auth/login', { email, password: NEW }).expect(200)
    await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
    expect(complaints).toEqual([])
  })

  test('a magic link signs this browser in by cookie', async () => {
    const email = freshEmail()
    await t.auth.users.create({ email, emailVerified: true })
    await t.call('post', '/auth/magic-link/request', { email }).expect(202)
    const { page, complaints } = await open((await sentTo(t, email, 'magic_link')).url)
    await page.click('button')
    expect(await said(page, 'good')).toBe('You are signed in.')
    const cookies = await page.context().cookies()
    expect(cookies.map(({ name }) => name)).toEqual(expect.arrayContaining(['lk.access', 'lk.refresh']))
    expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('a magic link of someone in several teams asks to which one, and signs in there', async () => {
    const email = freshEmail()
    const user = await t.auth.users.create({ email, emailVerified: true })
    const [gone, first, second] = await Promise.all(['Gone', 'First', '<b>Second</b>'].map((name) => t.auth.tenants.create({ name })))
    for (const { id } of [gone!, first!, second!]) await t.auth.memberships.add({ userId: user.id, tenantId: id })
    await t.auth.tenants.suspend(gone!.id) // The default one, which would be gone to without asking.
    await t.call('post', '/auth/magic-link/request', { email }).expect(202)
    const { page, complaints } = await open((await sentTo(t, email, 'magic_link')).url)
    await page.click('button[type=submit]')
    await page.waitForSelector('#teams:not([hidden])')
    if (target) await page.screenshot({ path: path.join(target, 'page-choose-team.png') })
    await page.selectOption('#teams select', { label: '<b>Second</b>' })
    await page.click('button[type=submit]')
    expect(await said(page, 'good')).toBe('You are signed in.')
    expect(await t.prisma.authSession.findMany({ where: { userId: user.id } })).toMatchObject([{ tenantId: second!.id }])
    expect(complaints).toEqual([])
  })

  async function invitation(email: string) {
    const tenant = await t.auth.tenants.create({ name: `The <i>Team</i> ${email}` })
    return (await t.auth.invitations.create({ tenantId: tenant.id, email })).token
  }

  test('an invitation is shown, accepted with a password for a new account, and turned down', async () => {
    const email = freshEmail()
    const url = `${base}/auth/invitations/accept?token=${await invitation(email)}`
    const { page, complaints } = await open(url)
    await page.waitForSelector('#about:not([hidden])')
    expect([await page.textContent('#team'), await page.textContent('#address')]).toEqual([`The <i>Team</i> ${email}`, email])
    if (target) await page.screenshot({ path: path.join(target, 'page-invitation-shown.png') })
    await page.fill('[name=password]', 'password1')
    await page.click('button[type=submit]')
    expect(await said(page, 'error')).toMatch(/first that are guessed|first passwords/)
    await page.fill('[name=password]', PASSWORD)
    await page.click('button[type=submit]')
    expect(await said(page, 'good')).toBe('You have joined the team.')
    const again = await open(url)
    expect(await said(again.page, 'error')).toMatch(/not valid.*Ask whoever invited you/)
    expect(await again.page.isVisible('form')).toBe(false)
    const other = await open(`${base}/auth/invitations/accept?token=${await invitation(freshEmail())}`)
    await other.page.click('#decline')
    expect(await said(other.page, 'good')).toBe('You have turned the invitation down.')
    expect([...complaints, ...again.complaints, ...other.complaints]).toEqual([])
  })

  test('an invitation to an address that has an account is accepted once it is signed in', async () => {
    const email = freshEmail()
    await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    const { page, complaints } = await open(`${base}/auth/invitations/accept?token=${await invitation(email)}`)
    await page.waitForSelector('#about:not([hidden])')
    expect(await page.isVisible('[name=password]')).toBe(false)
    await page.click('button[type=submit]')
    expect(await said(page, 'error')).toMatch(/has an account. Sign in with it in this browser, then come back/)
    expect([await page.isVisible('form'), await page.isVisible('#continue')]).toEqual([true, true])
    expect(await page.getAttribute('#continue', 'href')).toBe('https://app.example.com')
    await page.evaluate(
      `fetch('/auth/login', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Auth-Transport': 'cookie' }, body: ${JSON.stringify(JSON.stringify({ email, password: PASSWORD }))} })`,
    )
    await page.click('button[type=submit]')
    expect(await said(page, 'good')).toBe('You have joined the team.')
    expect(complaints).toEqual([])
  })

  test('a link without its token says so', async () => {
    const { page } = await open(`${base}/auth/verify-email`)
    expect(await said(page, 'error')).toMatch(/not complete/)
    expect(await page.isVisible('form')).toBe(false)
  })

  test('a token in the address is never markup (R-181)', async () => {
    const { page, complaints } = await open(`${base}/auth/magic-link?token=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`)
    await page.click('button')
    await said(page, 'error')
    expect(await page.$('img')).toBeNull()
    expect(complaints).toEqual([])
  })

  test('looks (written where LATCHKEY_SCREENSHOTS says)', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const name of paths) {
        const { page } = await open(`${base}/auth${name}?token=x`, { colorScheme, viewport: { width: 375, height: 620 } })
        if (name === '/reset-password') expect(await edgeContrast(page, '[name=newPassword]')).toBeGreaterThanOrEqual(3)
        if (name === '/invitations/accept') expect(await edgeContrast(page, '#decline')).toBeGreaterThanOrEqual(3)
        expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false)
        if (target) await page.screenshot({ path: path.join(target, `page${name.replace('/', '-')}-${colorScheme}.png`) })
        if (target && name === '/magic-link') {
          await page.click('button')
          await said(page, 'error')
          await page.screenshot({ path: path.join(target, `page-error-${colorScheme}.png`) })
        }
      }
    }
    if (!target) return
    const email = await someone()
    await t.call('post', '/auth/forgot-password', { email }).expect(202)
    await t.auth.users.setPassword((await t.auth.users.findByEmail(email))!.id, NEW)
    await t.mailbox.settle()
    const { page } = await open(base, { viewport: { width: 600, height: 560 } })
    for (const { kind, html } of t.mailbox.to(email)) {
      await page.setContent(html!)
      await page.screenshot({ path: path.join(target, `mail-${kind}.png`) })
    }
  })
})
