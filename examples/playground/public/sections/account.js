import { call, card, element, lineForm } from '../api.js'

const facts = element('dl')
let user

function draw(me) {
  user = me?.user
  if (!user) return
  const all = {
    Email: user.email ? `${user.email} (${user.emailVerified ? 'confirmed' : 'not confirmed'})` : 'none',
    Phone: user.phone ? `${user.phone} (${user.phoneVerified ? 'confirmed' : 'not confirmed'})` : 'none',
  }
  facts.replaceChildren(...Object.entries(all).flatMap(([name, value]) => [element('dt', name), element('dd', value)]))
}

/** Proving and changing addresses and the password, and confirming that it is you. */
export const account = {
  place: 'member',
  draw,
  make: ({ redraw }) => {
    const { section, answer, report, tell } = card('Account')
    section.id = 'account'
    const post = async (path, body, good) => {
      const result = await call('POST', `/auth${path}`, body)
      await redraw()
      report(result, good)
      return result
    }
    const again = lineForm({
      button: 'Send the confirmation again',
      submit: () => post('/verify-email/send', {}, 'Sent, if the address is not confirmed yet.'),
    })
    const verify = lineForm({
      label: 'Code to confirm the address',
      button: 'Confirm',
      autocomplete: 'one-time-code',
      submit: (code) => post('/verify-email', { email: user.email, code }, 'The address is confirmed.'),
    })
    const email = lineForm({
      label: 'New email address',
      button: 'Change',
      type: 'email',
      submit: (newEmail) => post('/change-email', { newEmail }, 'A link went to the new address, and word of it to the old one.'),
    })
    const password = lineForm({
      label: 'Confirm with your password',
      button: 'Confirm that it is me',
      type: 'password',
      autocomplete: 'current-password',
      // Left where it is: the form below takes the old password from here.
      submit: async (typed) => void (await post('/confirm', { password: typed }, 'Confirmed, for this session.')),
    })
    const change = lineForm({
      label: 'New password (confirm with the old one above)',
      button: 'Change',
      type: 'password',
      autocomplete: 'new-password',
      submit: (newPassword) => {
        const currentPassword = password.querySelector('input').value
        if (!currentPassword) return tell('Enter the old password in the field above first.', true)
        return post('/change-password', { currentPassword, newPassword }, 'Changed; other sessions have ended.')
      },
    })
    const exported = lineForm({
      button: 'Show everything stored about me',
      submit: async () => {
        const result = await call('GET', '/auth/me/export')
        report(result, '')
        shown.hidden = !result.ok
        shown.textContent = result.ok ? JSON.stringify(result.data, null, 2) : ''
      },
    })
    const shown = element('pre')
    shown.hidden = true
    section.append(facts, again, verify, email, password, change, exported, answer, shown)
    return section
  },
}
