import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { type AuthContext, transaction } from '../../context.ts'
import { sha256Hex } from '../../crypto/hashing.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { holdAccount } from '../sessions/hold-account.ts'
import { beginCeremony, CEREMONY_SECONDS, takeCeremony } from './ceremony.ts'
import { type Passkey, presentPasskey } from './present-passkey.ts'
import { relyingParty } from './relying-party.ts'
import type { PasskeyRow } from './tables.ts'

const MOST_PASSKEYS = 25

export const credentialKey = (credentialId: string) => sha256Hex(credentialId)
export const passkeysOf = (auth: AuthContext, userId: string) => auth.db.authPasskey.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })

/** The options of `navigator.credentials.create()`, and the token that the answer comes with (WebAuthn, 7.1). Throws FORBIDDEN where there are too many. */
export async function registrationOptions(auth: AuthContext, user: UserRow, sessionId: string): Promise<{ options: object; ceremonyToken: string }> {
  const existing = await passkeysOf(auth, user.id)
  if (existing.length >= MOST_PASSKEYS) throw new AuthError('FORBIDDEN', { detail: `There are ${MOST_PASSKEYS} passkeys already; remove one first.` })
  const { challenge, ceremonyToken } = await beginCeremony(auth, 'registration', { userId: user.id, binding: sessionId })
  const { generateRegistrationOptions } = await import('@simplewebauthn/server')
  const rp = relyingParty(auth)
  const name = user.email ?? user.username ?? user.phone ?? user.id
  const options = await generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    userID: new Uint8Array(Buffer.from(user.id)),
    userName: name,
    userDisplayName: name,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: CEREMONY_SECONDS * 1000,
    attestationType: 'none',
    excludeCredentials: existing.map(descriptorOf),
    // Discoverable, so that signing in needs no name (and tells nobody who has an account).
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
  })
  return { options, ceremonyToken }
}

export const descriptorOf = ({ credentialId, transports }: PasskeyRow) => ({
  id: credentialId,
  ...(transports && { transports: transports.split(' ') }),
})

interface Answer {
  response: unknown
  ceremonyToken: string | undefined
  name: string | null
}

/** Checks what the authenticator made and keeps it. The owner is told. Throws CEREMONY_INVALID, PASSKEY_INVALID. */
export async function registerPasskey(auth: AuthContext, user: UserRow, sessionId: string, { response, ceremonyToken, name }: Answer): Promise<Passkey> {
  const { challenge, userId } = await takeCeremony(auth, 'registration', ceremonyToken, sessionId)
  if (userId !== user.id) throw new AuthError('CEREMONY_INVALID')
  const made = await verify(auth, response as RegistrationResponseJSON, challenge)
  const { credential, credentialDeviceType: deviceType, credentialBackedUp: backedUp, aaguid } = made
  const now = auth.now()
  const row = {
    id: newId(now, auth.random),
    userId: user.id,
    credentialId: credential.id,
    credentialKey: credentialKey(credential.id),
    publicKey: new Uint8Array(credential.publicKey),
    counter: BigInt(credential.counter),
    transports: transportsOf(credential.transports),
    deviceType,
    backedUp,
    aaguid,
    name,
    createdAt: now,
  }
  await transaction(auth, async (auth) => {
    await holdAccount(auth, user.id)
    await insert(auth, row)
    await recordChanges(auth, 'user.roles', [user.id]) // what a recent sign-in is worth may have changed
    await recordAudit(auth, { event: 'passkey.added', userId: user.id, data: { passkeyId: row.id } })
    await notifyOwner(auth, user, 'passkey_changed', [`Added: ${name ?? 'a passkey'}`])
    emit(auth, 'passkey.added', { userId: user.id, passkeyId: row.id })
  })
  return presentPasskey({ ...row, lastUsedAt: null })
}

const known = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])
const transportsOf = (transports: readonly string[] | undefined) => (transports ?? []).filter((one) => known.has(one)).join(' ') || null

async function verify(auth: AuthContext, response: RegistrationResponseJSON, challenge: string) {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const rp = relyingParty(auth)
  try {
    const result = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: rp.origins,
      expectedRPID: rp.id,
      requireUserPresence: true,
      requireUserVerification: false,
    })
    if (result.verified) return result.registrationInfo
  } catch (cause) {
    throw new AuthError('PASSKEY_INVALID', { cause })
  }
  throw new AuthError('PASSKEY_INVALID')
}

async function insert(auth: AuthContext, row: Parameters<AuthContext['db']['authPasskey']['createMany']>[0]['data'][number]) {
  try {
    await auth.db.authPasskey.createMany({ data: [row] })
  } catch (cause) {
    throw isUniqueViolation(cause) ? new AuthError('PASSKEY_INVALID', { detail: 'This passkey is registered already.', cause }) : cause
  }
}
