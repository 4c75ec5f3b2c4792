import { call, card, element, explain } from '../api.js'
import { goOn } from './next-step.js'

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** What `PublicKeyCredential.toJSON()` gives where the browser has it. */
function toJson(credential) {
  const response = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports()
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, clientExtensionResults: {}, response }
}

const descriptors = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }))

async function create({ user, excludeCredentials, challenge, ...rest }) {
  const publicKey = { ...rest, challenge: toBytes(challenge), user: { ...user, id: toBytes(user.id) }, excludeCredentials: descriptors(excludeCredentials) }
  return toJson(await navigator.credentials.create({ publicKey }))
}
export async function get({ challenge, allowCredentials, ...rest }) {
  return toJson(await navigator.credentials.get({ publicKey: { ...rest, challenge: toBytes(challenge), allowCredentials: descriptors(allowCredentials) } }))
}

const list = element('ul', undefined, 'list')
let tools

async function draw(me) {
  if (!me) return
  const { data } = await call('GET', '/auth/passkeys')
  const lines = data.map(({ id, name, lastUsedAt }) => {
    const line = element('li')
    const text = element('div')
    text.append(element('strong', name ?? 'Passkey'), element('small', lastUsedAt ? `used ${new Date(lastUsedAt).toLocaleString()}` : 'not used yet'))
    const remove = element('button', 'Remove')
    remove.addEventListener('click', async () => {
      const result = await call('DELETE', `/auth/passkeys/${id}`)
      await draw(me)
      tools.report(result, 'Removed.')
    })
    line.append(text, remove)
    return line
  })
  list.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'None yet.', 'empty')]))
}

async function add() {
  const begun = await call('POST', '/auth/passkeys/registration/options')
  if (!begun.ok) return tools.report(begun, '')
  try {
    const response = await create(begun.data.options)
    const result = await call('POST', '/auth/passkeys/registration', { response, ceremonyToken: begun.data.ceremonyToken, name: 'This browser' })
    await draw({})
    tools.report(result, 'Added. Sign out and sign in with it.')
  } catch (error) {
    tools.tell(error.message, true)
  }
}

/** Adding and removing passkeys. */
export const passkeys = {
  place: 'member',
  draw,
  make: () => {
    const { section, answer, report, tell } = card('Passkeys')
    section.id = 'passkeys'
    tools = { report, tell }
    const button = element('button', 'Add a passkey')
    Object.assign(button, { id: 'add-passkey', type: 'button' })
    button.addEventListener('click', add)
    section.append(list, button, answer)
    return section
  },
}

/** Signing in with one. */
export const passkeySignIn = {
  place: 'guest-more',
  make: ({ redraw }) => {
    const box = element('div', undefined, 'row')
    const button = element('button', 'Sign in with a passkey')
    Object.assign(button, { id: 'passkey-sign-in', type: 'button' })
    const answer = element('p', '', 'error')
    button.addEventListener('click', async () => {
      answer.textContent = ''
      const begun = await call('POST', '/auth/passkeys/authentication/options', {})
      try {
        const response = await get(begun.data.options)
        const { ok, data } = await call('POST', '/auth/passkeys/authentication', { response, ceremonyToken: begun.data.ceremonyToken })
        const say = (text) => Object.assign(answer, { textContent: text })
        if (ok) await goOn(data, redraw, say)
        else say(explain(data))
      } catch (error) {
        answer.textContent = error.message
      }
    })
    box.append(button, answer)
    return box
  },
}
