import { call, card, element, lineForm } from '../api.js'

const list = element('ul', undefined, 'list')
let redraw

async function draw(me) {
  if (!me) return
  const { ok, data } = await call('GET', '/auth/api-keys')
  if (!ok) return
  const lines = data.map(({ id, name, prefix, lastUsedAt, tenantId }) => {
    const item = element('li')
    const used = lastUsedAt ? `used ${new Date(lastUsedAt).toLocaleString()}` : 'never used'
    const revoke = element('button', 'Revoke')
    revoke.type = 'button'
    revoke.addEventListener('click', async () => {
      await call('DELETE', `/auth/api-keys/${encodeURIComponent(id)}`)
      await redraw()
    })
    item.append(element('strong', name), element('small', `${prefix ?? ''} ${tenantId ? 'of the team' : ''} ${used}`), revoke)
    return item
  })
  list.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'No keys yet.', 'empty')]))
}

/** API keys: made, shown once, tried and revoked. */
export const apiKeys = {
  place: 'member',
  draw,
  make: (page) => {
    redraw = page.redraw
    const { section, answer, report, tell } = card('API keys')
    section.id = 'api-keys'
    const shown = element('pre')
    shown.hidden = true
    let me
    const make = lineForm({
      label: 'Name of a new key',
      button: 'Make it',
      submit: async (name) => {
        const { data } = await call('GET', '/auth/me')
        me = data
        const tenant = me?.session?.tenantId
        const made = await call('POST', '/auth/api-keys', { name, ...(tenant && { tenant }) })
        await redraw()
        report(made, 'This is the only time the key is shown.')
        shown.hidden = !made.ok
        shown.textContent = made.ok ? made.data.key : ''
        return made
      },
    })
    const attempt = lineForm({
      label: 'Try a key',
      button: 'Ask /api/hello with it',
      submit: async (key) => {
        const response = await fetch('/api/hello', { headers: { 'X-Api-Key': key }, credentials: 'omit' })
        const body = await response.json()
        tell(response.ok ? `Let in: ${body.message}` : body.detail, !response.ok)
      },
    })
    section.append(list, make, shown, attempt, answer)
    return section
  },
}
