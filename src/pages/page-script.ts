/**
 * What the pages run in the browser. It takes the token out of the address bar, and sends it only when the person presses the button, so
 * that a mail scanner that opens the link spends nothing.
 */
export const pageScript = `
'use strict';
const page = document.body.dataset;
const form = document.querySelector('form');
const say = document.querySelector('[role=status]');
const button = form.querySelector('button[type=submit]');
const token = new URLSearchParams(location.search).get('token');
let pending = null;
let choice = null;
history.replaceState(null, '', location.pathname);

function tell(text, isError) {
  say.textContent = text;
  say.className = isError ? 'error' : 'good';
}
function finish(text) {
  form.hidden = true;
  tell(text, false);
  document.querySelector('#continue')?.removeAttribute('hidden');
}
async function call(method, path, body) {
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  if (page.transport) headers['X-Auth-Transport'] = page.transport;
  const answer = await fetch(page.mount + path, { method, headers, body: body && JSON.stringify(body), credentials: 'same-origin' });
  const text = await answer.text();
  return { ok: answer.ok, body: text ? JSON.parse(text) : {} };
}
const post = (path, body) => call('POST', path, body);
function problem({ code, detail, reasons }) {
  if (page.preview && code === 'UNAUTHENTICATED') return 'This address has an account. Sign in with it in this browser, then press the button again.';
  return [detail, ...(reasons || []).map((reason) => reason.message)].join(' ');
}
function askForCode({ mfaToken }) {
  pending = mfaToken;
  document.querySelector('#code').hidden = false;
  const input = document.querySelector('#code input');
  input.required = true;
  input.focus();
  tell('Enter the code of your authenticator or a recovery code.', false);
}
function askForTeam({ tenantToken, tenants }) {
  choice = tenantToken;
  document.querySelector('#code').hidden = true;
  document.querySelector('#code input').required = false;
  const teams = document.querySelector('#teams');
  teams.hidden = false;
  const select = teams.querySelector('select');
  select.replaceChildren(...tenants.map(({ id, name }) => new Option(name, id)));
  select.focus();
  tell('Choose a team to go to, then press the button again.', false);
}
async function send() {
  const values = Object.fromEntries(new FormData(form));
  if (choice) return post('/tenants/select', { tenantToken: choice, tenant: values.tenant });
  delete values.tenant;
  if (pending) {
    const code = values.code.trim();
    return post('/mfa/verify', /^[0-9]{6,8}$/.test(code) ? { mfaToken: pending, code } : { mfaToken: pending, recoveryCode: code });
  }
  delete values.code;
  if (values.password === '') delete values.password;
  return post(page.post, { token, ...values });
}
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const answer = await send();
    if (!answer.ok) tell(problem(answer.body), true);
    else if (answer.body.status === 'mfa_required') askForCode(answer.body);
    else if (answer.body.status === 'tenant_selection_required') askForTeam(answer.body);
    else if (answer.body.status && answer.body.status !== 'signed_in') finish('Go on in the app: one more step is needed there.');
    else finish(page.done);
  } catch {
    tell('That did not get through. Look at your connection and try again.', true);
  } finally {
    button.disabled = false;
  }
});
async function preview() {
  const { ok, body } = await call('GET', page.preview + encodeURIComponent(token));
  if (!ok) {
    form.hidden = true;
    return tell(problem(body), true);
  }
  document.querySelector('#team').textContent = body.tenant.name;
  document.querySelector('#address').textContent = body.email || body.phone;
  document.querySelector('#about').hidden = false;
  const fresh = document.querySelector('#fresh');
  fresh.hidden = body.hasAccount;
  fresh.querySelector('input').required = !body.hasAccount;
}
document.querySelector('#decline')?.addEventListener('click', async () => {
  const answer = await post(page.decline, { token }).catch(() => null);
  if (answer?.ok) finish('You have turned the invitation down.');
  else tell(answer ? problem(answer.body) : 'That did not get through. Look at your connection and try again.', true);
});
if (!token) {
  form.hidden = true;
  tell('This link is not complete. Copy all of it from the message.', true);
} else if (page.preview) {
  preview().catch(() => tell('That did not get through. Look at your connection and try again.', true));
}
`
