import { createHash } from 'node:crypto'
import { escapeHtml, pageHeaders } from './pages.ts'

/** Hands the outcome to the page that opened this window, at the one origin named, and closes it. */
const script = `
'use strict';
const { message, origin } = document.body.dataset;
history.replaceState(null, '', location.pathname);
if (window.opener) window.opener.postMessage(JSON.parse(message), origin);
window.close();
`
const hash = createHash('sha256').update(script).digest('base64')

export const popupHeaders = {
  ...pageHeaders,
  'Content-Security-Policy': `default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  // The opener is another origin's page as a rule; a stricter policy would cut the tie that the message goes over.
  'Cross-Origin-Opener-Policy': 'unsafe-none',
} as const

export type PopupMessage = { code: string } | { error: string } | { linked: string }

/** The page that a sign-in in a popup ends on. It posts `{ type: 'latchkey', … }` to `origin`, which comes from configuration. */
export function popupPage(outcome: PopupMessage, origin: string): string {
  const message = JSON.stringify({ type: 'latchkey', ...outcome })
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex"><title>Signing in</title></head>
<body data-message="${escapeHtml(message)}" data-origin="${escapeHtml(origin)}">
<p>You can close this window.</p>
<script>${script}</script>
</body>
</html>
`
}
