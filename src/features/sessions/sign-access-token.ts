import type { AuthContext } from '../../context.ts'
import { MAX_LENGTH, signJwt } from '../../crypto/jwt.ts'
import { addSeconds, earlier, toSeconds } from '../../durations.ts'
import { runHook } from '../../hooks.ts'
import type { JsonObject } from '../../json.ts'
import type { Session, User } from '../../shapes.ts'

/** RFC 9068, 2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

const reserved = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'sid',
  'auth_time',
  'amr',
  'acr',
  'tid',
  'roles',
  'proles',
  'act',
  'client_id',
  'scope',
  'cnf',
  'typ',
])

interface TokenSubject {
  userId: string
  session: Session
  roles: readonly string[]
  platformRoles: readonly string[]
  /** Asked for only where the token.claims hook is there. */
  user: () => Promise<User>
}

/** Signs an access token (RFC 9068). It never outlives its session. Gives it with its life in seconds. */
export async function signAccessToken(auth: AuthContext, { userId, session, roles, platformRoles, user }: TokenSubject) {
  const { accessTtl } = auth.options.tokens
  const key = await auth.process.keys.current(auth)
  const issuedAt = toSeconds(auth.now())
  const expiresAt = toSeconds(earlier(addSeconds(auth.now(), accessTtl), session.expiresAt))
  const claims = {
    ...(auth.options.hooks['token.claims'] && (await customClaims(auth, { user: await user(), session, roles }))),
    iss: issuerOf(auth),
    aud: audienceOf(auth),
    sub: userId,
    sid: session.id,
    iat: issuedAt,
    exp: expiresAt,
    auth_time: toSeconds(session.authenticatedAt),
    amr: session.amr,
    ...(session.tenantId && { tid: session.tenantId }),
    ...(roles.length > 0 && { roles }),
    ...(platformRoles.length > 0 && { proles: platformRoles }),
  }
  const accessToken = signJwt(key, ACCESS_TOKEN_TYPE, claims)
  refuseTooLong(auth, accessToken)
  return { accessToken, expiresIn: expiresAt - issuedAt }
}

/** A TypeError for an access token that browsers would drop, or that would be refused wherever it is shown, and its session with it. */
export function refuseTooLong({ request }: AuthContext, { length }: string) {
  const { longestToken = MAX_LENGTH } = request ?? {}
  if (length <= longestToken) return
  throw new TypeError(
    `latchkey: roles and claims make an access token of ${length} characters, too long ${longestToken < MAX_LENGTH ? 'for a cookie' : 'to be taken'}`,
  )
}

async function customClaims(auth: AuthContext, input: { user: User; session: Session; roles: readonly string[] }): Promise<JsonObject> {
  const claims = (await runHook(auth, 'token.claims', input)) ?? {}
  const taken = Object.keys(claims).filter((name) => reserved.has(name))
  if (taken.length > 0) throw new TypeError(`latchkey: the token.claims hook returned reserved names: ${taken.join(', ')}`)
  return claims
}

export const issuerOf = ({ options }: AuthContext) => options.tokens.issuer ?? options.baseUrl ?? 'latchkey'
export const audienceOf = (auth: AuthContext) => auth.options.tokens.audience ?? issuerOf(auth)
