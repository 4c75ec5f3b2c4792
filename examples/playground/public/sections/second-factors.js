import { call, card, element, lineForm } from '../api.js'

const list = element('ul', undefined, 'list')
const codes = element('pre')
const setup = element('div')
let tools

async function draw(me) {
  if (!me) return
  setup.replaceChildren()
  tools.tell('')
  codes.hidden = true
  const { data } = await call('GET', '/auth/mfa')
  const lines = data.factors.filter(({ confirmedAt }) => confirmedAt).map(factorLine)
  if (data.enabled) lines.push(element('li', `${data.recoveryCodesLeft} recovery codes are left`))
  list.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'None: the password alone signs in.', 'empty')]))
}

function factorLine({ id, type, label }) {
  const line = element('li')
  line.append(element('strong', label ?? type))
  const remove = element('button', 'Remove')
  remove.addEventListener('click', async () => {
    const result = await call('DELETE', `/auth/mfa/factors/${id}`)
    await tools.redraw()
    tools.report(result, 'Removed.')
  })
  line.append(remove)
  return line
}

function showCodes({ recoveryCodes }) {
  codes.hidden = !recoveryCodes
  codes.textContent = recoveryCodes ? `Recovery codes, shown this once:\n${recoveryCodes.join('\n')}` : ''
}

async function confirm(path, code) {
  const result = await call('POST', path, { code })
  await tools.redraw()
  tools.report(result, 'It counts from now on.')
  if (result.ok) showCodes(result.data)
}

async function startApp() {
  const result = await call('POST', '/auth/mfa/totp', { label: 'Authenticator' })
  tools.report(result, 'Scan it with an authenticator app and enter its code.')
  if (!result.ok) return
  const { id, secret, qrCode } = result.data
  // As an image, so that what the server drew is never markup here.
  const image = element('img')
  Object.assign(image, { src: `data:image/svg+xml;utf8,${encodeURIComponent(qrCode)}`, alt: 'QR code for an authenticator app', width: 180, height: 180 })
  const key = element('code', secret)
  key.id = 'totp-secret'
  const form = lineForm({ label: 'Code', button: 'Confirm', autocomplete: 'one-time-code', submit: (code) => confirm(`/auth/mfa/totp/${id}/confirm`, code) })
  form.id = 'totp-form'
  setup.replaceChildren(image, key, form)
}

async function startMail() {
  const result = await call('POST', '/auth/mfa/email', {})
  tools.report(result, 'A code is among the messages below.')
  if (!result.ok) return
  const path = `/auth/mfa/factors/${result.data.id}/confirm`
  setup.replaceChildren(lineForm({ label: 'Code', button: 'Confirm', autocomplete: 'one-time-code', submit: (code) => confirm(path, code) }))
}

/** Authenticator apps, codes by mail, recovery codes. */
export const secondFactors = {
  place: 'member',
  draw,
  make: ({ redraw }) => {
    const { section, answer, report, tell } = card('Second factors')
    section.id = 'second-factors'
    tools = { redraw, report, tell }
    codes.hidden = true
    const row = element('div', undefined, 'row')
    for (const [id, text, act] of [
      ['add-app', 'Add an authenticator app', startApp],
      ['add-mail', 'Add codes by mail', startMail],
      [
        'new-codes',
        'New recovery codes',
        async () => {
          const result = await call('POST', '/auth/mfa/recovery-codes')
          report(result, '')
          if (result.ok) showCodes(result.data)
        },
      ],
    ]) {
      const button = element('button', text)
      Object.assign(button, { id, type: 'button' })
      button.addEventListener('click', act)
      row.append(button)
    }
    section.append(list, row, setup, answer, codes)
    return section
  },
}

/** The second step of a sign-in, in the form of the first. */
export function askForFactor({ mfaToken, factors }, done) {
  const box = element('div')
  const answer = element(
    'p',
    `One more step: ${factors
      .map(({ type, hint }) => (hint ? `${type} (${hint})` : type))
      .join(', ')
      .replaceAll('_', ' ')}`,
    'hint',
  )
  const trust = element('label', undefined, 'check')
  const check = element('input')
  check.type = 'checkbox'
  trust.append(check, ' Trust this device for 30 days')
  const finish = async (proof) => {
    const { ok, data } = await call('POST', '/auth/mfa/verify', { mfaToken, trustDevice: check.checked, ...proof })
    if (ok) {
      if (data.trustedDeviceToken) sessionStorage.setItem('device', data.trustedDeviceToken)
      return done(data)
    }
    answer.textContent = data.detail
    answer.className = 'error'
  }
  const form = lineForm({
    label: 'Code or recovery code',
    button: 'Go on',
    autocomplete: 'one-time-code',
    submit: (typed) => finish(/^[\d\s]{6,9}$/.test(typed.trim()) ? { code: typed } : { recoveryCode: typed }),
  })
  box.append(answer, form, trust)
  if (factors.some(({ type }) => type === 'email')) {
    const send = element('button', 'Send me a code by mail')
    send.type = 'button'
    send.addEventListener('click', () => call('POST', '/auth/mfa/challenge', { mfaToken, type: 'email' }))
    box.append(send)
  }
  return box
}
