/** Of the pages' script: the second step of a sign-in, by whichever factors the person has. */
export const factorScript = `
const ways = document.querySelector('#ways');
const field = document.querySelector('#code');
const submit = form.querySelector('button[type=submit]');
const kinds = {
  totp: { button: 'Use my authenticator app', label: 'Code of your authenticator app' },
  email: { button: 'Send a code to my email address', label: 'Code from the email' },
  sms: { button: 'Send a code to my phone', label: 'Code from the message' },
  passkey: { button: 'Use my passkey' },
  recovery_code: { button: 'Use a recovery code', label: 'Recovery code' },
};

function askForFactor({ mfaToken, factors }) {
  pending = { mfaToken };
  const usable = factors.filter(({ type }) => kinds[type] && (type !== 'passkey' || window.PublicKeyCredential));
  if (usable.length === 0) return end(sofar + 'You are not signed in yet: what you have set up as a second step does not work in this browser. Open the app in one where it does.', true);
  leaveFirstStep();
  ways.replaceChildren(...usable.map(wayOf));
  ways.hidden = false;
  tell(sofar + 'One more step to sign in.', false);
  if (isTyped(usable[0].type)) askForCode(usable[0].type);
  else ways.querySelector('button').focus();
}
const isTyped = (type) => type === 'totp' || type === 'recovery_code';
function wayOf({ type, hint }) {
  const way = document.createElement('button');
  Object.assign(way, { type: 'button', className: 'other', textContent: kinds[type].button + (hint ? ' (' + hint + ')' : '') });
  way.dataset.way = type;
  way.addEventListener('click', () => during(() => take(type)));
  return way;
}
async function take(type) {
  if (type === 'passkey') return usePasskey();
  if (!isTyped(type)) {
    const { ok, body } = await post('/mfa/challenge', { mfaToken: pending.mfaToken, type });
    if (!ok) return refuse(body);
    tell('A code is on its way.', false);
  } else tell('', false);
  askForCode(type);
}
function askForCode(type) {
  pending.type = type;
  const input = field.querySelector('input');
  field.querySelector('span').textContent = kinds[type].label;
  Object.assign(input, { value: '', required: true, disabled: false, autocomplete: type === 'recovery_code' ? 'off' : 'one-time-code', inputMode: type === 'totp' ? 'numeric' : 'text' });
  field.hidden = false;
  submit.hidden = false;
  submit.textContent = 'Go on';
  // A code that was sent may be sent again.
  for (const way of ways.children) way.hidden = way.dataset.way === type && isTyped(type);
  input.focus();
}
function sendCode(typed) {
  const code = typed.replaceAll(' ', '').replaceAll('-', '');
  return post('/mfa/verify', { mfaToken: pending.mfaToken, ...(pending.type === 'recovery_code' ? { recoveryCode: code } : { code }) });
}
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
async function usePasskey() {
  const begun = await post('/mfa/challenge', { mfaToken: pending.mfaToken, type: 'passkey' });
  if (!begun.ok) return refuse(begun.body);
  const { challenge, allowCredentials = [], ...rest } = begun.body.options;
  const publicKey = { ...rest, challenge: toBytes(challenge), allowCredentials: allowCredentials.map((one) => ({ ...one, id: toBytes(one.id) })) };
  let found;
  try {
    found = await navigator.credentials.get({ publicKey });
  } catch (error) {
    if (error.name !== 'SecurityError') return tell('The passkey was not used. Try again, or choose another way.', true);
    showOnward();
    return tell('Your passkey belongs to the app and does not work on this page. Choose another way, or sign in there.', true);
  }
  const response = {};
  for (const name of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) if (found.response[name]) response[name] = toText(found.response[name]);
  const passkey = { id: found.id, rawId: toText(found.rawId), type: found.type, clientExtensionResults: {}, response };
  const { ceremonyToken } = begun.body;
  await goOn(await post('/mfa/verify', { mfaToken: pending.mfaToken, passkey, ...(ceremonyToken && { ceremonyToken }) }));
}
`
