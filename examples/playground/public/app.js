import { $, call, element, show, state, transport } from './api.js'
import { sections } from './sections/index.js'
import { goOn } from './sections/next-step.js'

function choose(tab) {
  state.tab = tab
  for (const name of ['signup', 'login']) {
    $(`tab-${name}`).setAttribute('aria-selected', String(name === tab))
    $(`tab-${name}`).tabIndex = name === tab ? 0 : -1
  }
  const isSignup = tab === 'signup'
  $('form').setAttribute('aria-labelledby', `tab-${tab}`)
  $('submit').textContent = isSignup ? 'Sign up' : 'Sign in'
  $('password').autocomplete = isSignup ? 'new-password' : 'current-password'
  $('hint').hidden = !isSignup
  show('form-error')
}

async function submit(event) {
  event.preventDefault()
  show('form-error')
  $('submit').disabled = true
  const answer = await call('POST', `/auth/${state.tab}`, { email: $('identifier').value, password: $('password').value, rememberMe: $('remember').checked })
  $('submit').disabled = false
  if (!answer.ok) return show('form-error', answer.data)
  $('password').value = ''
  await goOn(answer.data, draw, (detail) => show('form-error', { detail }))
}

function forget() {
  Object.assign(state, { access: null, refresh: null, expiresAt: 0 })
}

/** A link page signs in by cookie, and so did whoever comes back: such a session is gone on with. */
async function findCookie() {
  const answer = await fetch('/auth/session', { headers: { 'X-Auth-Transport': 'cookie' } })
  if (answer.ok) document.querySelector('[name=transport][value=cookie]').checked = true
}

/** Where the keyboard goes when what it was in has gone. */
function moveFocus(isIn) {
  if (isIn) $('who').focus()
  else $(`tab-${state.tab}`).focus()
}

async function draw() {
  const wasIn = !$('member').hidden
  const isBlind = transport() === 'bearer' && !state.access
  const me = isBlind ? null : await call('GET', '/auth/me')
  const isIn = Boolean(me?.ok)
  if (!isIn) forget()
  $('guest').hidden = isIn
  $('member').hidden = !isIn
  $('events-card').hidden = !isIn
  if (isIn !== wasIn) moveFocus(isIn)
  for (const section of sections) section.draw?.(isIn ? me.data : null)
  if (!isIn) return
  show('member-error')
  drawMe(me.data)
  drawToken()
  await Promise.all([drawSessions(), drawEvents()])
}

let tenantId = null
function drawMe({ user, session, roles }) {
  tenantId = session.tenantId
  $('who').textContent = user.email ?? user.username ?? user.phone
  const facts = {
    User: user.id,
    Session: session.id,
    Proved: session.amr.join(', '),
    'Ends at the latest': new Date(session.expiresAt).toLocaleString(),
    Roles: roles.join(', ') || 'none',
  }
  $('facts').replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [element('dt', name), element('dd', value)]))
}

function drawToken() {
  const parts = state.access?.split('.')
  const decode = (part) => JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
  $('token').hidden = !parts
  $('token').textContent = parts ? JSON.stringify({ header: decode(parts[0]), claims: decode(parts[1]) }, null, 2) : ''
  drawLife()
}

function drawLife() {
  const left = Math.max(0, Math.round((state.expiresAt - Date.now()) / 1000))
  const life = state.expiresAt ? `Good for ${Math.floor(left / 60)} min ${left % 60} s more.` : ''
  $('token-life').textContent = transport() === 'cookie' ? `In an HttpOnly cookie, where no script can read it. ${life}` : life
}

async function drawSessions() {
  const { data } = await call('GET', '/auth/sessions')
  $('sessions').replaceChildren(...data.map(sessionLine))
  $('end-others').hidden = data.length < 2
}

function sessionLine({ id, current, device, ip, lastUsedAt }) {
  const line = element('li')
  const text = element('div')
  text.append(element('strong', device ?? 'Unknown device'), element('small', `${ip ?? 'unknown address'} · ${new Date(lastUsedAt).toLocaleString()}`))
  line.append(text)
  if (current) line.append(element('small', 'This one'))
  else {
    const end = element('button', 'End')
    end.setAttribute('aria-label', `End the session on ${device ?? 'an unknown device'}`)
    end.addEventListener('click', async () => {
      await call('DELETE', `/auth/sessions/${id}`)
      await drawSessions()
    })
    line.append(end)
  }
  return line
}

async function drawEvents() {
  const answer = await fetch('/api/events', { headers: transport() === 'bearer' ? { Authorization: `Bearer ${state.access}` } : {} })
  if (!answer.ok) return
  const lines = (await answer.json()).map(({ name, event: { at, ...rest } }) => {
    const line = element('li')
    line.append(element('b', name), ` ${new Date(at).toLocaleTimeString()} ${JSON.stringify(rest)}`)
    return line
  })
  $('events').replaceChildren(...(lines.length > 0 ? lines : [element('li', 'Nothing yet.', 'empty')]))
}

function answerRoute(text, className) {
  $('route-answer').textContent = text
  $('route-answer').className = className
}

async function ask(path) {
  const { ok, data } = await call('GET', path)
  answerRoute(ok ? data.message : data.detail, ok ? 'good' : 'error')
}

const inTeam = 'This session is in a team, where the roles given there count and no others.'

/** What was answered before is no longer so. */
async function changeRole(method, good, inTeamToo) {
  const { ok, data } = await call(method, '/api/admin-role')
  await draw()
  if (!ok) answerRoute(data.detail, 'error')
  else answerRoute(tenantId ? `${inTeamToo} ${inTeam}` : good, 'hint')
}

const actions = {
  refresh: async () => {
    const { ok, data } = await call('POST', '/auth/refresh', transport() === 'bearer' ? { refreshToken: state.refresh } : {})
    await draw()
    if (!ok) show('form-error', data)
  },
  logout: async () => {
    await call('POST', '/auth/logout')
    await draw()
  },
  'logout-all': async () => {
    await call('POST', '/auth/logout-all')
    await draw()
  },
  delete: () => $('confirm').showModal(),
  hello: () => ask('/api/hello'),
  admin: async () => {
    await ask('/api/admin')
    if (tenantId && $('route-answer').className === 'error') $('route-answer').textContent += ` ${inTeam}`
  },
  become: () => changeRole('POST', 'You are an admin now: try it again.', 'You are an admin wherever you are in no team.'),
  resign: () => changeRole('DELETE', 'You are no admin any more.', 'You are no admin any more outside of teams.'),
  'end-others': async () => {
    await call('DELETE', '/auth/sessions')
    await drawSessions()
  },
}
for (const [id, act] of Object.entries(actions)) $(id).addEventListener('click', act)

$('confirm').addEventListener('close', async () => {
  if ($('confirm').returnValue !== 'yes') return
  const { ok, data } = await call('DELETE', '/auth/me')
  if (ok) await draw()
  else show('member-error', data)
})
$('form').addEventListener('submit', submit)
for (const tab of ['signup', 'login']) {
  $(`tab-${tab}`).addEventListener('click', () => choose(tab))
  $(`tab-${tab}`).addEventListener('keydown', ({ key }) => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return
    const other = tab === 'signup' ? 'login' : 'signup'
    choose(other)
    $(`tab-${other}`).focus()
  })
}
$('transport').addEventListener('change', () => {
  forget()
  draw()
})
for (const { place, make } of sections) $(place).append(make({ redraw: draw }))
setInterval(drawLife, 1000)
await findCookie()
await draw()
