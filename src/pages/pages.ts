import { createHash } from 'node:crypto'
import type { RequestHandler, Router } from 'express'
import type { AuthContext } from '../context.ts'
import { appName } from '../features/messages/app-name.ts'
import type { ResolvedOptions } from '../options.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'

/** A page that a link in a message leads to. It posts the token to the route of the same name. */
interface Page {
  path: string
  title: string
  lead: string
  button: string
  done: string
  fields: string
  post: string
  /** How to come by another link where this one is dead. */
  again: string
  /** What it does is signing in, and nothing is done where that is not. */
  signs?: boolean
  /** For an invitation: where what it is to is read, and where it is turned down. */
  preview?: string
  decline?: string
  isOn: (options: ResolvedOptions) => boolean
}

const hasMail = ({ mailer, identifiers }: ResolvedOptions) => mailer !== undefined && identifiers.email
const newPassword = '<label>New password<input name="newPassword" type="password" autocomplete="new-password" required></label>'

const invitationFields = `<dl id="about" hidden><dt>Team</dt><dd id="team"></dd><dt>For</dt><dd id="address"></dd></dl>
<label id="fresh" hidden>Choose a password for your new account<input name="password" type="password" autocomplete="new-password"></label>`

const pages: readonly Page[] = [
  {
    path: '/verify-email',
    title: 'Confirm your email address',
    lead: 'One press, and we know that this address is yours.',
    button: 'Confirm address',
    done: 'Your address is confirmed.',
    fields: '',
    post: '/verify-email',
    again: 'If your address is not confirmed yet, ask for a new link in the app.',
    isOn: hasMail,
  },
  {
    path: '/reset-password',
    title: 'Choose a new password',
    lead: 'You will be signed out everywhere, and sign in with the new one.',
    button: 'Set password',
    done: 'Your password is set. Sign in with it.',
    fields: newPassword,
    post: '/reset-password',
    again: 'Ask for a new one where you sign in.',
    isOn: (options) => hasMail(options) && options.passwordReset.enabled,
  },
  {
    path: '/magic-link',
    title: 'Sign in',
    lead: 'Press the button to sign in on this device.',
    button: 'Sign in',
    done: 'You are signed in.',
    fields: '',
    post: '/magic-link/consume',
    again: 'Ask for a new link where you sign in.',
    signs: true,
    isOn: (options) => hasMail(options) && options.magicLink.enabled,
  },
  {
    path: '/change-email',
    title: 'Use this email address',
    lead: 'Your account will use this address from now on. Other devices are signed out.',
    button: 'Use this address',
    done: 'Your email address has been changed.',
    fields: '',
    post: '/change-email/confirm',
    again: 'If your address has not changed, ask for it again in the app.',
    isOn: hasMail,
  },
  {
    path: '/invitations/accept',
    title: 'You have been invited',
    lead: 'Accept to join the team.',
    button: 'Accept',
    done: 'You have joined the team.',
    fields: invitationFields,
    post: '/invitations/accept',
    again: 'Ask whoever invited you for a new one.',
    preview: '/invitations/',
    decline: '/invitations/decline',
    isOn: ({ tenants }) => tenants.mode !== 'off',
  },
]

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(pageStyle)}`,
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What every page is sent with: nothing of it is kept, framed, or named to the site it links to (R-058). */
export const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': policy,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** The pages for people whose app has none of its own; with `pages: 'app'` the paths are left to the app. */
export function mountPages(router: Router, auth: AuthContext) {
  if (auth.options.pages === 'app') return
  for (const page of pages) if (page.isOn(auth.options)) router.get(page.path, servePage(auth, page))
}

function servePage(auth: AuthContext, page: Page): RequestHandler {
  return function latchkeyPage(req, res) {
    res.set(pageHeaders).send(render(auth, page, req.baseUrl))
  }
}

/** What the script is to know of the page. */
function dataOf({ post, done, again, signs, preview, decline }: Page, { mount, transport }: { mount: string; transport: string }) {
  const all = { mount, transport, post, done, again, signs: signs ? 'yes' : undefined, preview, decline }
  return Object.entries(all)
    .map(([name, value]) => (value === undefined ? '' : ` data-${name}="${escapeHtml(value)}"`))
    .join('')
}

/** The token is not in it: the script reads it from the address. */
function render({ options, ...auth }: AuthContext, page: Page, mount: string) {
  const { title, lead, button, fields, decline } = page
  const transport = options.transport.allow.includes('cookie') ? 'cookie' : ''
  const app = options.appUrl
  const code = '<label id="code" hidden><span>Code</span><input name="code" autocapitalize="characters" spellcheck="false" disabled></label>'
  const teams = options.tenants.mode === 'off' ? '' : '<label id="teams" hidden>Team<select name="tenant"></select></label>'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} – ${escapeHtml(appName({ options, ...auth }))}</title>
<style>${pageStyle}</style>
</head>
<body${dataOf(page, { mount, transport })}>
<main>
<h1>${escapeHtml(title)}</h1>
<form><fieldset id="first"><p>${escapeHtml(lead)}</p>${fields}</fieldset>${code}${teams}<button type="submit">${escapeHtml(button)}</button>${decline === undefined ? '' : '<button type="button" id="decline" class="other">Decline</button>'}<div id="ways" hidden></div></form>
<div role="status" aria-live="polite" tabindex="-1"></div>
<noscript><p>This page needs JavaScript to send your answer.</p></noscript>
${app === undefined ? '' : `<a id="continue" href="${escapeHtml(app)}" hidden>Go to the app</a>`}
</main>
<script>${pageScript}</script>
</body>
</html>
`
}
