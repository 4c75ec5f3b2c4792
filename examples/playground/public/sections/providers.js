import { call, card, element, explain } from '../api.js'
import { goOn } from './next-step.js'

const list = element('ul', undefined, 'list')
let tools

/** Opens the way to a provider in a popup and waits for what its last page posts. Only a message of this very origin counts. */
function throughPopup(popup) {
  return new Promise((resolve) => {
    const watch = setInterval(() => popup?.closed !== false && setTimeout(() => end({ error: 'CLOSED' }), 500), 500)
    const hear = ({ origin, data }) => origin === location.origin && data?.type === 'latchkey' && end(data)
    const end = (result) => {
      clearInterval(watch)
      removeEventListener('message', hear)
      resolve(result)
    }
    addEventListener('message', hear)
  })
}
const inWords = (error) => (error === 'CLOSED' ? 'The window was closed.' : error)

// Opened at the click, or browsers take it for an advertisement.
const openPopup = (url = '') => window.open(url, 'provider', 'popup,width=480,height=640')

async function signIn(id, redraw, say) {
  const { code, error } = await throughPopup(openPopup(`/auth/oauth/${id}?popup=1`))
  if (error) return say(inWords(error), true)
  const { ok, data } = await call('POST', '/auth/oauth/exchange', { code })
  if (!ok) return say(explain(data), true)
  await goOn(data, redraw, say)
}

const nameOf = (id) => ({ local: 'the local provider', google: 'Google', github: 'GitHub' })[id] ?? id
let config
const configured = async () => (await (config ??= call('GET', '/auth/config'))).data.providers

function button(text, id, press) {
  const made = element('button', text)
  made.type = 'button'
  made.id = id
  made.addEventListener('click', press)
  return made
}

/** Signing in with an account elsewhere. */
export const providerSignIn = {
  place: 'guest-more',
  make: ({ redraw }) => {
    const box = element('div', undefined, 'row')
    const answer = element('p', '', 'hint')
    answer.id = 'provider-answer'
    answer.setAttribute('aria-live', 'polite')
    const say = (text, isError = false) => Object.assign(answer, { textContent: text, className: isError ? 'error' : 'hint' })
    configured().then((ids) => box.append(...ids.map((id) => button(`Sign in with ${nameOf(id)}`, `with-${id}`, () => signIn(id, redraw, say))), answer))
    return box
  },
}

async function link(id) {
  const popup = openPopup()
  const begun = await call('POST', `/auth/oauth/${id}/link`, { popup: true })
  if (!begun.ok) {
    popup?.close()
    return tools.report(begun, '')
  }
  const waiting = throughPopup(popup)
  popup.location = begun.data.url
  const { linked, error } = await waiting
  await tools.redraw()
  tools.tell(linked ? `Connected with ${nameOf(linked)}.` : inWords(error), Boolean(error))
}

function identityLine({ id, provider, email, providerUserId }) {
  const line = element('li')
  const text = element('div')
  text.append(element('strong', nameOf(provider)), element('small', email ?? providerUserId))
  const remove = button('Disconnect', `disconnect-${id}`, async () => {
    const result = await call('DELETE', `/auth/identities/${id}`)
    await tools.redraw()
    tools.report(result, 'Disconnected.')
  })
  line.append(text, remove)
  return line
}

/** Accounts elsewhere that this account is connected with. */
export const identities = {
  place: 'member',
  draw: async (me) => {
    if (!me) return
    const { ok, data } = await call('GET', '/auth/identities')
    if (!ok) return
    list.replaceChildren(...(data.length > 0 ? data.map(identityLine) : [element('li', 'None yet.', 'empty')]))
  },
  make: ({ redraw }) => {
    const { section, answer, tell, report } = card('Connected accounts')
    section.id = 'identities'
    section.hidden = true
    tools = { redraw, tell, report }
    const row = element('div', undefined, 'row')
    configured().then((ids) => {
      section.hidden = ids.length === 0
      row.append(...ids.map((id) => button(`Connect ${nameOf(id)}`, `connect-${id}`, () => link(id))))
    })
    section.append(list, row, answer)
    return section
  },
}
