import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { Provider } from '../../provider.ts'

/** Throws NOT_FOUND for an id that is not configured. */
export function findProvider({ options: { providers } }: AuthContext, id: string): Provider {
  const found = providers.find((provider) => provider.id === id)
  if (found) return found
  throw new AuthError('NOT_FOUND')
}

/** From configuration: a Host header sends nobody's code elsewhere (R-136). */
export const callbackUrl = ({ options: { baseUrl = '' } }: AuthContext, { id }: Provider) => `${baseUrl}/oauth/${id}/callback`

/** What is wrong with the options taken together, for the start. */
export function providerProblems({ providers, baseUrl, cookies, mfa }: AuthContext['options']): string[] {
  const problems = providers.flatMap(({ id, problems }, i) => problems.map((problem) => `providers.${i}${id && ` (${id})`}.${problem}`))
  const ids = providers.map(({ id }) => id)
  const twice = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))]
  for (const id of twice) problems.push(`providers: there are two with the id '${id}'; give one another id`)
  if (providers.length > 0 && baseUrl === undefined)
    problems.push("baseUrl: providers send people back to it; set the public URL of the router, such as 'https://api.example.com/auth'")
  const posting = providers.find(({ isFormPost }) => isFormPost)
  if (posting && !cookies.secure) problems.push(`cookies.secure: ${posting.id} posts its answer from its own site, which needs secure cookies`)
  const strangers = mfa.trustProviders.filter((id) => !ids.includes(id))
  if (strangers.length > 0) problems.push(`mfa.trustProviders: there is no provider ${strangers.join(', ')}`)
  return problems
}
