import { call, element, explain } from '../api.js'
import { askForFactor } from './second-factors.js'

/** Which of several teams to sign in to. */
function askForTeam({ tenantToken, tenants }, goOn) {
  const box = element('div')
  const answer = element('p', 'Which team do you want to go to?', 'hint')
  const row = element('div', undefined, 'row')
  for (const { id, name } of tenants) {
    const button = element('button', name)
    button.type = 'button'
    button.addEventListener('click', async () => {
      const { ok, data } = await call('POST', '/auth/tenants/select', { tenantToken, tenant: id })
      if (ok) return goOn(data)
      answer.textContent = explain(data)
      answer.className = 'error'
    })
    row.append(button)
  }
  box.append(answer, row)
  return box
}

const steps = { mfa_required: askForFactor, tenant_selection_required: askForTeam }
const notYet = {
  verification_required: 'Confirm the address first: the link is among the outgoing messages.',
  password_change_required: 'This account has to choose a new password first.',
}

/** Goes on from the answer of any sign-in: to who is signed in, or to the step that is asked for, below the form. */
export async function goOn(data, redraw, say) {
  document.getElementById('next-step')?.remove()
  if (data.status === 'signed_in') return redraw()
  const ask = steps[data.status]
  if (!ask) return say(notYet[data.status] ?? data.status)
  const step = ask(data, (next) => goOn(next, redraw, say))
  step.id = 'next-step'
  document.getElementById('form').after(step)
  step.querySelector('input, button').focus()
}
