export const $ = (id) => document.getElementById(id)
export const state = { tab: 'signup', access: null, refresh: null, expiresAt: 0 }
export const transport = () => document.querySelector('[name=transport]:checked').value

/** Text only: nothing that comes from a server or a person is ever markup here. */
export function element(tag, text, className) {
  const made = document.createElement(tag)
  if (text !== undefined) made.textContent = text
  if (className) made.className = className
  return made
}

export async function call(method, path, body) {
  const headers = { 'X-Auth-Transport': transport() }
  if (body) headers['Content-Type'] = 'application/json'
  if (transport() === 'bearer' && sessionStorage.getItem('device')) headers['X-Trusted-Device'] = sessionStorage.getItem('device')
  if (transport() === 'bearer' && state.access) headers.Authorization = `Bearer ${state.access}`
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
  const text = await answer.text()
  const data = text ? JSON.parse(text) : null
  log(method, path, answer.status, data?.code)
  for (const listener of listeners) listener()
  if (data?.accessToken) Object.assign(state, { access: data.accessToken, refresh: data.refreshToken })
  if (data?.expiresIn) state.expiresAt = Date.now() + data.expiresIn * 1000
  return { ok: answer.ok, status: answer.status, data }
}

function log(method, path, status, code) {
  const line = element('li')
  line.append(element('b', String(status), status < 400 ? 'good' : 'bad'), ` ${method} ${path}${code ? ` · ${code}` : ''}`)
  $('log').querySelector('.empty')?.remove()
  $('log').prepend(line)
}

export const explain = ({ detail, reasons = [], errors = [] }) =>
  [detail, ...reasons.map(({ message }) => message), ...errors.map(({ path, message }) => `${path} ${message}`)].join('\n')

export function show(id, problem) {
  $(id).hidden = !problem
  $(id).textContent = problem ? explain(problem) : ''
}

const listeners = new Set()
/** Calls `listener` after each request: what the server did may show elsewhere on the page. */
export const afterEach = (listener) => void listeners.add(listener)

/** A form of one line: a field (or none) and a button. `submit` gets what was typed; where it gives an answer that went well, the field is emptied. */
export function lineForm({ label, button, type = 'text', autocomplete = 'off', submit }) {
  const form = element('form', undefined, 'line')
  form.noValidate = true
  const input = element('input')
  if (label) {
    const name = element('label', label)
    Object.assign(input, { type, autocomplete })
    name.append(input)
    form.append(name)
  }
  const press = element('button', button)
  press.type = 'submit'
  form.append(press)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    press.disabled = true
    const result = await submit(input.value, form)
    if (result?.ok) form.reset()
    press.disabled = false
  })
  return form
}

/** A card with a title and a place for answers, which `tell` writes into. */
export function card(title) {
  const section = element('section', undefined, 'card')
  section.append(element('h2', title))
  const answer = element('p', '', 'hint')
  answer.setAttribute('aria-live', 'polite')
  const tell = (text, isError = false) => {
    answer.textContent = text
    answer.className = isError ? 'error' : 'hint'
  }
  /** Tells of an answer: `good` where it went well, the problem where not. */
  const report = ({ ok, data }, good) => tell(ok ? good : explain(data), !ok)
  return { section, answer, tell, report }
}
