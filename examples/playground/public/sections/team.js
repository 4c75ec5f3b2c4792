import { call, card, element, lineForm } from '../api.js'

const where = element('p', '', 'hint')
const members = element('ul', undefined, 'list')
const invitations = element('ul', undefined, 'list')
const headings = [element('h3', 'Members'), element('h3', 'Invitations that wait')]
let me
let redraw
/** What takes a team to be in. */
const insideOnly = []

const current = () => me?.session.tenantId ?? null
const path = (rest) => `/auth/tenants/${encodeURIComponent(current())}${rest}`

function button(text, press) {
  const made = element('button', text)
  made.type = 'button'
  made.addEventListener('click', press)
  return made
}

function line(title, detail, ...buttons) {
  const item = element('li')
  item.append(element('strong', title), element('small', detail), ...buttons)
  return item
}

async function draw(found) {
  me = found
  const id = current()
  where.textContent = me
    ? id
      ? `This session is in a team, with the roles: ${me.roles.join(', ') || 'none'}.`
      : 'This session is in no team. Make one, or switch to one.'
    : ''
  for (const form of insideOnly) form.hidden = !id
  if (!me) return
  await drawTeams()
  await (id ? drawTeam() : clear())
}

const clear = () => {
  members.replaceChildren()
  invitations.replaceChildren()
}

const teams = element('ul', undefined, 'list')
async function drawTeams() {
  const { ok, data } = await call('GET', '/auth/tenants')
  if (!ok) return
  const lines = data.map(({ id, name, slug, roles }) =>
    line(name, `${slug} · ${roles.join(', ') || 'no role'}`, ...(id === current() ? [] : [button('Switch to it', () => switchTo(id))])),
  )
  teams.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'You are in no team yet.', 'empty')]))
}

async function switchTo(tenant) {
  await call('POST', '/auth/tenants/switch', { tenant })
  await redraw()
}

async function drawTeam() {
  const [people, invited] = [await call('GET', path('/members')), await call('GET', path('/invitations?status=pending'))]
  if (people.ok) {
    members.replaceChildren(
      ...people.data.data.map(({ userId, user, roles, status }) =>
        line(
          userId === me.user.id ? 'You' : (user.email ?? user.username ?? user.phone ?? userId),
          `${roles.join(', ') || 'no role'} · ${status}`,
          ...(userId === me.user.id ? [] : [remove(userId)]),
        ),
      ),
    )
  } else clear()
  if (!invited.ok) return
  const lines = invited.data.data.map(invitation)
  invitations.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'None.', 'empty')]))
}

const remove = (userId) =>
  button('Remove', async () => {
    await call('DELETE', path(`/members/${encodeURIComponent(userId)}`))
    await redraw()
  })

const invitation = ({ id, email, phone, roles, status }) =>
  line(
    email ?? phone,
    `invited as ${roles.join(', ') || 'member'} · ${status}`,
    button('Send again', () => call('POST', path(`/invitations/${id}/resend`))),
    button('Withdraw', async () => {
      await call('DELETE', path(`/invitations/${id}`))
      await redraw()
    }),
  )

/** Teams: make one, switch, invite, see who is in. */
export const team = {
  place: 'member',
  draw,
  make: (page) => {
    redraw = page.redraw
    const { section, answer, report } = card('Team')
    section.id = 'team'
    const make = lineForm({
      label: 'Name of a new team',
      button: 'Make it',
      submit: async (name) => {
        const made = await call('POST', '/auth/tenants', { name })
        if (made.ok) await call('POST', '/auth/tenants/switch', { tenant: made.data.id })
        await redraw()
        report(made, 'Made; you own it and are in it now.')
        return made
      },
    })
    const invite = lineForm({
      label: 'Invite by email',
      button: 'Invite',
      type: 'email',
      submit: async (email) => {
        const made = await call('POST', path('/invitations'), { email })
        await redraw()
        report(made, 'Invited: see the outgoing messages.')
        return made
      },
    })
    insideOnly.push(invite, ...headings)
    const accept = lineForm({
      label: 'Accept an invitation: its token',
      button: 'Accept',
      submit: async (token) => {
        const joined = await call('POST', '/auth/invitations/accept', { token })
        await redraw()
        report(joined, 'You are in. Switch to it above.')
        return joined
      },
    })
    const routes = element('div', undefined, 'row')
    const ask = (url, label) => button(label, async () => report(...(await asked(url))))
    routes.append(ask('/api/team', 'requireTenant()'), ask('/api/team/members', "requirePermission('member:read')"))
    section.append(where, teams, make, invite, accept, headings[0], members, headings[1], invitations, routes, answer)
    return section
  },
}

async function asked(url) {
  const result = await call('GET', url)
  return [result, result.data?.message]
}
