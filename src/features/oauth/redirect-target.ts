import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { isPlainText } from '../../text.ts'

const LONGEST = 1024
// What browsers and URL parsers have been known to read differently: white space, control characters, backslashes.
const odd = /[\s\\]/

/**
 * Where the person goes afterwards: the one parser of `redirectTo`, used when a sign-in begins and again when it ends. A path is
 * taken below `appUrl`; a URL must be at the very origin of `appUrl` or of one of `trustedOrigins`. Left out: `appUrl`, else the root of the
 * server. Throws VALIDATION_FAILED.
 */
export function redirectTarget({ options: { appUrl }, process: { ownOrigins } }: AuthContext, redirectTo: string | undefined): URL {
  if (redirectTo === undefined) return new URL(appUrl ?? ownOrigins.server ?? 'http://localhost')
  const refusal = invalidField('redirectTo', 'must be a path, or a URL of a trusted origin')
  if (redirectTo.length > LONGEST || !isPlainText(redirectTo) || odd.test(redirectTo)) throw refusal
  const isPath = redirectTo.startsWith('/') && !redirectTo.startsWith('//')
  if (isPath && appUrl === undefined) throw refusal
  const text = isPath ? `${appUrl}${redirectTo}` : redirectTo
  if (!URL.canParse(text)) throw refusal
  const target = new URL(text)
  const { origin } = target
  // The text must begin with the origin as it is spelled, so that no two parsers can disagree about the host.
  const isExact = text === origin || text.startsWith(`${origin}/`) || text.startsWith(`${origin}?`)
  if (!ownOrigins.app.has(origin) || !isExact || target.username !== '' || target.password !== '') throw refusal
  return target
}

/** The target with a parameter that says how it ended. */
export function withParameter(target: URL, name: 'code' | 'error', value: string): string {
  const url = new URL(target)
  url.searchParams.set(name, value)
  return url.href
}
