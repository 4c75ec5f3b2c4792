import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import type { Confirmation, SecondFactor } from '../../feature.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { findUser, findUserById, isElsewhere } from '../accounts/find-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { beginCeremony, CEREMONY_SECONDS, type CeremonyType, takeCeremony } from './ceremony.ts'
import { type Assertion, checkAssertion } from './check-assertion.ts'
import { descriptorOf, passkeysOf } from './register-passkey.ts'
import { relyingParty } from './relying-party.ts'
import type { PasskeyRow } from './tables.ts'

/** The options of `navigator.credentials.get()`. Without a list of passkeys the authenticator offers its own, so the answer tells of nobody. */
async function requestOptions(
  auth: AuthContext,
  challenge: string,
  { allowed = [], mustVerifyUser = false }: { allowed?: readonly PasskeyRow[]; mustVerifyUser?: boolean } = {},
): Promise<object> {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server')
  return generateAuthenticationOptions({
    rpID: relyingParty(auth).id,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: CEREMONY_SECONDS * 1000,
    userVerification: mustVerifyUser ? 'required' : 'preferred',
    allowCredentials: allowed.map(descriptorOf),
  })
}

/** The `amr` of it. */
const shownBy = ({ isUserVerified }: Assertion) => (isUserVerified ? ['webauthn', 'mfa'] : ['webauthn'])

/** Begins a sign-in by passkey; with an address only that account's passkeys will do, and the answer is the same for any address. */
export async function authenticationOptions(auth: AuthContext, email: string | undefined) {
  const user = email === undefined ? null : await findUser(auth, { email })
  const anyOf = auth.realm === '' ? null : `${REALM}${auth.realm}`
  const binding = email === undefined ? anyOf : (user?.id ?? 'nobody')
  const { challenge, ceremonyToken } = await beginCeremony(auth, 'authentication', { userId: null, binding })
  return { options: await requestOptions(auth, challenge), ceremonyToken }
}

/** Signs in by passkey. One that verified its user counts as two factors. Throws CEREMONY_INVALID, INVALID_CREDENTIALS, ACCOUNT_SUSPENDED. */
export async function signInByPasskey(
  auth: AuthContext,
  response: unknown,
  ceremonyToken: string | undefined,
  { remember = true } = {},
): Promise<SignInAnswer> {
  const { challenge, wanted, realm } = await takeAuthentication(auth, ceremonyToken)
  const assertion = await checkAssertion(auth, response, { challenge, userId: wanted })
  const user = assertion && (await findUserById(auth, assertion.passkey.userId))
  if (!assertion || !user || isElsewhere(auth, user) || (realm !== null && user.realm !== realm)) {
    await recordAudit(auth, { event: 'login.failed', outcome: 'failure', data: { reason: 'passkey_refused' } })
    emit(auth, 'login.failed', { userId: null, reason: 'passkey_refused' })
    throw new AuthError('INVALID_CREDENTIALS')
  }
  await auth.process.keys.current(auth) // read or made outside the transaction
  const amr = shownBy(assertion)
  return transaction(auth, async (auth) => {
    await assertion.spend(auth)
    return completeSignIn(auth, { user, amr, remember })
  })
}

const REALM = 'realm:'

/** A sign-in is not bound to a session: where an address was given, to its account, and where a tenant was, to the accounts there. */
async function takeAuthentication(auth: AuthContext, token: string | undefined): Promise<{ challenge: string; wanted: string | null; realm: string | null }> {
  const { challenge, binding } = await takeCeremony(auth, 'authentication', token)
  return binding?.startsWith(REALM) ? { challenge, wanted: null, realm: binding.slice(REALM.length) } : { challenge, wanted: binding, realm: null }
}

const hasPasskeys = async (auth: AuthContext, user: UserRow) =>
  auth.options.passkeys.enabled && (await auth.db.authPasskey.count({ where: { userId: user.id } })) > 0

async function checkBound(auth: AuthContext, type: CeremonyType, user: UserRow, binding: string, proof: { passkey?: unknown; ceremonyToken?: string }) {
  const { challenge, userId } = await takeCeremony(auth, type, proof.ceremonyToken, binding)
  const assertion = userId === user.id ? await checkAssertion(auth, proof.passkey, { challenge, userId }) : null
  if (!assertion) return null
  await assertion.spend(auth)
  return assertion
}

/** A passkey after another first factor. */
export const passkeyFactor: SecondFactor = {
  type: 'passkey',
  isAvailable: hasPasskeys,
  isAsked: async (auth, user) => auth.options.passkeys.secondFactor && (await hasPasskeys(auth, user)),
  challenge: async (auth, user, binding, { mustVerifyUser }) => {
    const { challenge, ceremonyToken } = await beginCeremony(auth, 'second_factor', { userId: user.id, binding })
    return { options: await requestOptions(auth, challenge, { allowed: await passkeysOf(auth, user.id), mustVerifyUser }), ceremonyToken }
  },
  check: async (auth, user, binding, proof) => {
    const assertion = await checkBound(auth, 'second_factor', user, binding, proof)
    return assertion && shownBy(assertion)
  },
}

/** A passkey at `/confirm`, whose options `/mfa/challenge` gives. */
export const passkeyConfirmation: Confirmation = {
  methods: async (auth, user) => ((await hasPasskeys(auth, user)) ? ['passkey'] : []),
  check: async (auth, user, proof) => {
    if (proof.passkey === undefined || !auth.options.passkeys.enabled) return null
    const assertion = await checkBound(auth, 'second_factor', user, auth.request?.sessionId ?? '', proof)
    if (!assertion) throw new AuthError('INVALID_CREDENTIALS')
    return shownBy(assertion)
  },
}
