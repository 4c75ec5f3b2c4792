import type { MessageKind, Rendered, TemplateInput } from './kinds.ts'

interface Words {
  subject: (app: string) => string
  /** First what happened or what to do, then what to do where it was not you. */
  lead: (app: string) => string
  action?: string
  after: string
}

const ignore = 'If you did not ask for this, you can ignore this message: nothing has changed.'
const alarm = 'If this was not you, reset your password at once and look through your sessions.'

const words: Record<MessageKind, Words> = {
  verify_email: {
    subject: (app) => `Confirm your email address for ${app}`,
    lead: () => 'Confirm that this is your email address.',
    action: 'Confirm address',
    after: ignore,
  },
  verify_phone: { subject: (app) => `Your ${app} code`, lead: (app) => `Your code to confirm this number for ${app}:`, after: ignore },
  signup_code: { subject: (app) => `Your code to join ${app}`, lead: (app) => `Enter this code to make your account at ${app}.`, after: ignore },
  already_registered: {
    subject: (app) => `You already have an account at ${app}`,
    lead: (app) => `Someone, perhaps you, tried to sign up at ${app} with this address. It already has an account: sign in, or reset the password.`,
    after: ignore,
  },
  reset_password: {
    subject: (app) => `Reset your password for ${app}`,
    lead: () => 'Choose a new password for your account.',
    action: 'Choose a password',
    after: ignore,
  },
  magic_link: { subject: (app) => `Your sign-in link for ${app}`, lead: (app) => `Sign in to ${app} with this link.`, action: 'Sign in', after: ignore },
  login_code: { subject: (app) => `Your sign-in code for ${app}`, lead: (app) => `Your code to sign in to ${app}:`, after: ignore },
  change_email: {
    subject: (app) => `Confirm your new email address for ${app}`,
    lead: (app) => `Confirm that your account at ${app} should use this address.`,
    action: 'Use this address',
    after: ignore,
  },
  change_phone: { subject: (app) => `Your ${app} code`, lead: (app) => `Your code to use this number at ${app}:`, after: ignore },
  confirm_code: { subject: (app) => `Your ${app} code`, lead: () => 'Your code to confirm that it is you:', after: alarm },
  mfa_code: { subject: (app) => `Your ${app} code`, lead: (app) => `Your code to finish signing in to ${app}:`, after: alarm },
  invitation: {
    subject: (app) => `You have been invited to ${app}`,
    lead: (app) => `You have been invited to join a team at ${app}.`,
    action: 'See the invitation',
    after: 'If you do not know what this is about, you can ignore this message.',
  },
  password_changed: { subject: (app) => `Your password for ${app} was changed`, lead: () => 'The password of your account was changed.', after: alarm },
  email_changed: {
    subject: (app) => `Your email address at ${app} is changing`,
    lead: () => 'The email address of your account is being changed or has been changed.',
    after: alarm,
  },
  phone_changed: { subject: (app) => `Your phone number at ${app} was changed`, lead: () => 'The phone number of your account was changed.', after: alarm },
  mfa_changed: { subject: (app) => `Two-step sign-in at ${app} was changed`, lead: () => 'The second factors of your account were changed.', after: alarm },
  passkey_changed: { subject: (app) => `Your passkeys at ${app} were changed`, lead: () => 'A passkey of your account was added or removed.', after: alarm },
  identity_changed: {
    subject: (app) => `Your sign-in methods at ${app} were changed`,
    lead: () => 'An outside account was connected to your account, or disconnected from it.',
    after: alarm,
  },
  api_key_created: { subject: (app) => `An API key was made at ${app}`, lead: () => 'A new API key can act in your name.', after: alarm },
  recovery_code_used: {
    subject: (app) => `A recovery code was used at ${app}`,
    lead: () => 'Someone, we hope you, signed in with one of your recovery codes.',
    after: alarm,
  },
  new_device: { subject: (app) => `New sign-in to ${app}`, lead: () => 'Your account was signed in to from a device we had not seen before.', after: alarm },
  session_reuse: {
    subject: (app) => `A session at ${app} was ended`,
    lead: () => 'A sign-in token of yours was used twice, as happens when it is stolen. We have ended that session.',
    after: alarm,
  },
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** Names are the app's own, but a header must stay one line whatever they hold. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

const minutesLeft = (seconds: unknown) => (typeof seconds === 'number' ? lifetime(seconds) : undefined)
const lifetime = (seconds: number) => {
  const [amount, unit] =
    seconds >= 172_800
      ? [Math.round(seconds / 86_400), 'day']
      : seconds >= 7200
        ? [Math.round(seconds / 3600), 'hour']
        : [Math.max(1, Math.round(seconds / 60)), 'minute']
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}

/** The words of a kind, as text and HTML. No text that a user chose is in a subject. */
export function renderMessage({ kind, channel, appName, data: given }: TemplateInput): Rendered {
  // Without an address for links the token itself is what there is to hand over.
  const data = given.url === undefined && given.code === undefined && given.token !== undefined ? { ...given, code: given.token } : given
  const { subject, lead, action, after } = words[kind]
  const app = oneLine(appName)
  const life = minutesLeft(data.expiresIn)
  if (channel === 'sms') return { subject: subject(app), text: shortText(lead(app), data, life) }
  const details = detailLines(data)
  const valid = life === undefined ? undefined : `It is valid for ${life}${data.url && data.code ? ', and either works once' : ', and works once'}.`
  const text = [
    lead(app),
    ...details,
    ...(data.url ? [data.url] : []),
    ...(data.code ? [`${data.url ? 'Or enter this code: ' : ''}${data.code}`] : []),
    ...(valid ? [valid] : []),
    after,
  ]
  return {
    subject: subject(app),
    text: `${text.join('\n\n')}\n\n${app}\n`,
    html: page({ title: subject(app), lead: lead(app), action, after, app, details, valid, data }),
  }
}

const shortText = (lead: string, { code, url }: TemplateInput['data'], life: string | undefined) =>
  [lead, code, url, life && `Valid for ${life}. Never share it.`].filter(Boolean).join(' ')

/** What the sender of a notice adds: when, from where, which thing. */
function detailLines({ details }: TemplateInput['data']): string[] {
  return Array.isArray(details) ? details.filter((line) => typeof line === 'string').map(oneLine) : []
}

interface Content {
  title: string
  lead: string
  action: string | undefined
  after: string
  app: string
  details: string[]
  valid: string | undefined
  data: TemplateInput['data']
}

function page({ title, lead, action = 'Open', after, app, details, valid, data: { code, url } }: Content) {
  const paragraph = (text: string, style = '') => `<p style="margin:0 0 16px;${style}">${escapeHtml(text)}</p>`
  const button =
    url &&
    `<p style="margin:0 0 16px"><a href="${escapeHtml(url)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1f4fd8;color:#ffffff;text-decoration:none;font-weight:600">${escapeHtml(action)}</a></p>`
  const plainLink = url && `<p style="margin:0 0 16px;font-size:13px;color:#5b6474;word-break:break-all">${escapeHtml(url)}</p>`
  const codeBox = code && `<p style="margin:0 0 16px;font:600 28px/1.3 ui-monospace,Consolas,monospace;letter-spacing:4px">${escapeHtml(code)}</p>`
  const body = [
    paragraph(lead),
    ...details.map((line) => paragraph(line, 'color:#3c4557')),
    button,
    plainLink,
    url && code && paragraph('Or enter this code:'),
    codeBox,
    valid && paragraph(valid),
    paragraph(after, 'font-size:13px;color:#5b6474'),
  ]
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head><body style="margin:0;background:#f4f5f8;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#182032"><div style="max-width:520px;margin:0 auto;padding:32px 20px"><div style="background:#ffffff;border:1px solid #e2e5ec;border-radius:12px;padding:28px;overflow-wrap:break-word;word-break:break-word"><h1 style="margin:0 0 16px;font-size:20px">${escapeHtml(app)}</h1>${body.filter(Boolean).join('')}</div></div></body></html>`
}
