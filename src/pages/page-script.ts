import { factorScript } from './factor-script.ts'

/**
 * What the pages run in the browser. It takes the token out of the address bar, and sends it only when the person presses the button, so
 * that a mail scanner that opens the link spends nothing. What a reload needs is kept with the tab's own entry in its history.
 */
export const pageScript = `
'use strict';
const page = document.body.dataset;
const form = document.querySelector('form');
const say = document.querySelector('[role=status]');
const found = new URLSearchParams(location.search).get('token');
const kept = found ? { token: found } : history.state || {};
const { token } = kept;
// What has been done even where the sign-in behind it is not.
const sofar = page.signs ? '' : page.done + ' ';
let pending = null;
let choice = null;
keep(kept);
${factorScript}
function keep(state) {
  history.replaceState(state, '', location.pathname);
}
function tell(text, isError) {
  say.textContent = text;
  say.className = isError ? 'error' : 'good';
}
function showOnward() {
  document.querySelector('#continue')?.removeAttribute('hidden');
}
function end(text, isError) {
  keep({ end: [text, isError] });
  form.hidden = true;
  tell(text, isError);
  showOnward();
  say.focus();
}
const lost = 'That did not get through. Look at your connection and try again.';
async function during(work) {
  const buttons = form.querySelectorAll('button');
  const before = document.activeElement;
  for (const one of buttons) one.disabled = true;
  await work().catch(() => tell(lost, true));
  for (const one of buttons) one.disabled = false;
  // A button that is disabled loses the focus.
  if (document.activeElement === document.body) before.focus();
}
async function call(method, path, body) {
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  if (page.transport) headers['X-Auth-Transport'] = page.transport;
  const answer = await fetch(page.mount + path, { method, headers, body: body && JSON.stringify(body), credentials: 'same-origin' });
  const text = await answer.text();
  return { ok: answer.ok, body: text ? JSON.parse(text) : {} };
}
const post = (path, body) => call('POST', path, body);
const dead = ['LINK_INVALID', 'INVITATION_INVALID', 'MFA_TOKEN_INVALID'];
const otherPerson = { UNAUTHENTICATED: 'This address has an account.', INVITATION_WRONG_ADDRESS: 'This invitation is for another address than the one signed in here.' };
function refuse({ code, detail, reasons }) {
  if (dead.includes(code)) return end(detail + ' ' + page.again, true);
  if (!page.preview || !otherPerson[code]) return tell([detail, ...(reasons || []).map((reason) => reason.message)].join(' '), true);
  tell(otherPerson[code] + ' Sign in with it in this browser, then come back to this page and press the button again.', true);
  showOnward();
}
function leaveFirstStep() {
  for (const part of document.querySelectorAll('#first, #decline')) part.hidden = part.disabled = true;
  form.querySelector('button[type=submit]').hidden = true;
}
function askForTeam({ tenantToken, tenants }) {
  choice = tenantToken;
  leaveFirstStep();
  for (const part of [ways, field]) part.hidden = true;
  field.querySelector('input').disabled = true;
  const teams = document.querySelector('#teams');
  teams.hidden = false;
  const select = teams.querySelector('select');
  select.replaceChildren(...tenants.map(({ id, name }) => new Option(name, id)));
  submit.hidden = false;
  submit.textContent = 'Go on';
  select.focus();
  tell(sofar + 'Choose a team to go to, then press the button.', false);
}
const elsewhere = {
  mfa_enrollment_required: 'this account needs a second factor first. Sign in to the app to set one up.',
  password_change_required: 'this account needs a new password first. Sign in to the app to choose one.',
  verification_required: 'the address has to be confirmed first, by the link that was sent there.',
};
async function goOn({ ok, body }) {
  if (!ok) return refuse(body);
  const { status } = body;
  if (!status || status === 'signed_in') return end(page.done, false);
  if (status === 'mfa_required' || status === 'tenant_selection_required') keep({ token, step: body });
  if (status === 'mfa_required') return askForFactor(body);
  if (status === 'tenant_selection_required') return askForTeam(body);
  end(sofar + 'You are not signed in yet: ' + (elsewhere[status] || 'one more step is needed, which the app asks for. Sign in there.'), false);
}
function send() {
  const { tenant, code, ...values } = Object.fromEntries(new FormData(form));
  if (choice) return post('/tenants/select', { tenantToken: choice, tenant });
  if (pending) return sendCode(code);
  if (values.password === '') delete values.password;
  return post(page.post, { token, ...values });
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  during(async () => goOn(await send()));
});
async function preview() {
  const { ok, body } = await call('GET', page.preview + encodeURIComponent(token));
  if (!ok) {
    form.hidden = true;
    return refuse(body);
  }
  document.querySelector('#team').textContent = body.tenant.name;
  document.querySelector('#address').textContent = body.email || body.phone;
  document.querySelector('#about').hidden = false;
  const fresh = document.querySelector('#fresh');
  fresh.hidden = body.hasAccount;
  fresh.querySelector('input').required = !body.hasAccount;
}
document.querySelector('#decline')?.addEventListener('click', () =>
  during(async () => {
    const { ok, body } = await post(page.decline, { token });
    if (ok) end('You have turned the invitation down.', false);
    else refuse(body);
  }),
);
if (kept.end) end(...kept.end);
else if (kept.step) goOn({ ok: true, body: kept.step });
else if (!token) end('This link is not complete. Copy all of it from the message.', true);
else if (page.preview) preview().catch(() => tell(lost, true));
`
