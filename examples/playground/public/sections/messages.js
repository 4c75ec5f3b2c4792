import { afterEach, card, element } from '../api.js'

const list = element('ul', undefined, 'list messages')
let timer

function line({ id, channel, to, subject, code, url }) {
  const item = element('li')
  item.append(element('strong', subject), element('small', `${channel} to ${to}`))
  const text = element('p')
  if (code) text.append('Code ', element('code', code), ' ')
  if (url) text.append(link(url, 'Open the link'), ' ')
  text.append(link(`/api/messages/${encodeURIComponent(id)}`, 'See the message'))
  item.append(text)
  return item
}

function link(href, text) {
  const made = element('a', text)
  made.href = href
  made.target = '_blank'
  made.rel = 'noreferrer'
  return made
}

async function draw() {
  const answer = await fetch('/api/messages')
  if (!answer.ok) return
  const all = await answer.json()
  list.replaceChildren(...(all.length > 0 ? all.map(line) : [element('li', 'Nothing was sent yet. Sign up, or ask for a link.', 'empty')]))
}

/** What the server sent, which a playground keeps instead. Messages leave a moment after the request. */
export const messages = {
  place: 'for-all',
  make: () => {
    const { section } = card('Outgoing messages')
    section.id = 'messages'
    section.append(list)
    afterEach(() => {
      clearTimeout(timer)
      timer = setTimeout(draw, 300)
    })
    draw()
    return section
  },
}
