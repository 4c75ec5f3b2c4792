import { call, element, explain, lineForm } from '../api.js'
import { goOn } from './next-step.js'

/** Signing in without the password, and getting back in. They use the address of the form above. */
export const otherWaysIn = {
  place: 'guest-more',
  make: ({ redraw }) => {
    const box = element('div')
    const answer = element('p', 'With the address above:', 'hint')
    answer.id = 'other-answer'
    answer.setAttribute('aria-live', 'polite')
    const email = () => document.getElementById('identifier').value
    const ask = (text, path, good) => {
      const button = element('button', text)
      button.type = 'button'
      button.addEventListener('click', async () => {
        const { ok, data } = await call('POST', path, { email: email() })
        answer.textContent = ok ? good : explain(data)
        answer.className = ok ? 'hint' : 'error'
      })
      return button
    }
    const row = element('div', undefined, 'row')
    row.append(
      ask('Send me a link', '/auth/magic-link/request', 'If there is such an account, a link is among the messages below.'),
      ask('Send me a code', '/auth/passwordless/send', 'If there is such an account, a code is among the messages below.'),
      ask('Forgot password', '/auth/forgot-password', 'If there is such an account, a link is among the messages below.'),
    )
    const code = lineForm({
      label: 'Code',
      button: 'Sign in by code',
      autocomplete: 'one-time-code',
      submit: async (typed) => {
        const { ok, data } = await call('POST', '/auth/passwordless/verify', { email: email(), code: typed })
        const say = (text) => Object.assign(answer, { textContent: text, className: 'error' })
        if (ok) await goOn(data, redraw, say)
        else say(explain(data))
        return { ok }
      },
    })
    code.id = 'code-form'
    box.append(answer, row, code)
    return box
  },
}
