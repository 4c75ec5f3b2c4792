import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { endTrust } from '../accounts/attachments.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import { provedAddress } from '../accounts/reach.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { checkCode } from '../codes/check-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { appName } from '../messages/app-name.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { sendCode } from '../messages/send-code.ts'
import { holdAccount } from '../sessions/hold-account.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { giveTriesBack, recordFailure, takeTry } from './attempts.ts'
import { begunFactors, offeredTypes, openSecret, sealSecret } from './factors.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import type { FactorRow } from './tables.ts'
import { matchTotp, newTotpSecret, totpEnrolment } from './totp.ts'

const ENROL = 'mfa.enrol'
const MOST_FACTORS = 10

export interface TotpEnrolment {
  id: string
  /** Base32; shown this once. */
  secret: string
  otpauthUrl: string
  /** An SVG. */
  qrCode: string
}

/** Begins an authenticator app. It counts once a code of it was entered; one that was begun and left before is dropped. Throws FORBIDDEN at ten factors. */
export async function startTotp(auth: AuthContext, user: UserRow, label: string | null): Promise<TotpEnrolment> {
  const { totp } = auth.options.mfa
  if (!totp) throw new AuthError('FEATURE_DISABLED')
  const made = { secret: await newTotpSecret(auth.random, totp.secretBytes), period: totp.period }
  const account = user.email ?? user.username ?? user.phone ?? user.id
  const enrolment = await totpEnrolment({ ...made, issuer: auth.options.mfa.issuer ?? appName(auth), label: account })
  const id = await addFactor(auth, user, 'totp', label, (id) => sealSecret(auth, id, made))
  return { id, secret: made.secret, ...enrolment }
}

/** Begins a factor of codes to a contact that is proved, and sends the first. Throws VALIDATION_FAILED where there is none. */
export async function startMessageFactor(auth: AuthContext, user: UserRow, type: 'email' | 'sms'): Promise<{ id: string }> {
  const to = provedContact(user, type)
  const id = await addFactor(auth, user, type, null, () => null)
  await sendEnrolCode(auth, user, { id, type, to })
  return { id }
}

/** The same for who has no id of it: sends the code again where such a factor was begun, and makes that the one begun last. Throws VALIDATION_FAILED also where it is not used here. */
export async function resumeMessageFactor(auth: AuthContext, user: UserRow, type: 'email' | 'sms') {
  if (!offeredTypes(auth).includes(type)) throw invalidField('type', 'is not used here')
  const to = provedContact(user, type)
  const begun = (await begunFactors(auth, user.id)).findLast((one) => one.type === type)
  if (!begun) return void (await startMessageFactor(auth, user, type))
  await auth.db.authMfaFactor.updateMany({ where: { id: begun.id, confirmedAt: null }, data: { createdAt: auth.now() } })
  await sendEnrolCode(auth, user, { id: begun.id, type, to })
}

function provedContact(user: UserRow, type: 'email' | 'sms'): Address {
  const to = provedAddress(user, type)
  if (!to) throw invalidField(type === 'email' ? 'email' : 'phone', 'must be confirmed first')
  return to
}

async function sendEnrolCode(auth: AuthContext, user: UserRow, { id, type, to }: { id: string; type: string; to: Address }) {
  const data = { type, address: addressOf(to) }
  await sendCode(auth, { purpose: ENROL, kind: 'mfa_code', to, target: id, user, form: 'code', data, event: 'mfa.code_requested' })
}

async function addFactor(auth: AuthContext, user: UserRow, type: string, label: string | null, seal: (id: string) => string | null): Promise<string> {
  const id = newId(auth.now(), auth.random)
  await transaction(auth, async (auth) => {
    await holdAccount(auth, user.id) // the one begun before is found and dropped
    const all = await auth.db.authMfaFactor.findMany({ where: { userId: user.id, confirmedAt: { not: null } }, orderBy: { createdAt: 'asc' } })
    if (all.length >= MOST_FACTORS) throw new AuthError('FORBIDDEN', { detail: `There are ${MOST_FACTORS} factors already; remove one first.` })
    if (type !== 'totp' && all.some((one) => one.type === type)) throw invalidField('', 'is set up already')
    await auth.db.authMfaFactor.deleteMany({ where: { userId: user.id, type, confirmedAt: null } })
    await auth.db.authMfaFactor.createMany({ data: [{ id, userId: user.id, type, label, secret: seal(id), createdAt: auth.now() }] })
    await recordAudit(auth, { event: 'mfa.factor_started', userId: user.id, data: { factorId: id, type } })
  })
  return id
}

export interface EnrolledFactor {
  /** Of the first factor alone: shown this once. */
  recoveryCodes?: string[]
  type: string
  amr: readonly string[]
}

/**
 * Confirms a factor by a code of it. `alongside` runs in the same transaction: what a sign-in that waited for this goes on with. Throws
 * NOT_FOUND, CODE_INVALID, TOO_MANY_ATTEMPTS.
 */
export async function confirmFactor<T>(
  auth: AuthContext,
  user: UserRow,
  { factorId, code, keepSession }: { factorId: string; code: string; keepSession?: string },
  alongside: (auth: AuthContext, enrolled: EnrolledFactor) => Promise<T>,
): Promise<T> {
  const [factor] = await auth.db.authMfaFactor.findMany({ where: { id: factorId, userId: user.id, confirmedAt: null }, orderBy: { createdAt: 'asc' } })
  if (!factor || factor.id !== factorId) throw new AuthError('NOT_FOUND')
  await takeTry(auth, user.id)
  const proof = await prove(auth, user, factor, code)
  return transaction(auth, async (auth) => {
    await holdAccount(auth, user.id) // one factor after the other: a removal meanwhile must not take this one for none
    if (proof.sent) await spendCode(auth, proof.sent, 'code')
    const now = auth.now()
    const { count } = await auth.db.authMfaFactor.updateMany({
      where: { id: factor.id, confirmedAt: null },
      data: { confirmedAt: now, lastUsedAt: now, ...(proof.step !== null && { lastUsedStep: proof.step }) },
    })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await giveTriesBack(auth, user.id)
    const recoveryCodes = await noteNewFactor(auth, user, factor, keepSession)
    return alongside(auth, { type: factor.type, amr: [factor.type === 'sms' ? 'sms' : 'otp'], ...(recoveryCodes && { recoveryCodes }) })
  })
}

async function prove(auth: AuthContext, user: UserRow, factor: FactorRow, code: string): Promise<{ step: number | null; sent?: OtpRow }> {
  if (factor.type !== 'totp') {
    const sent = await checkCode(auth, { purpose: ENROL, target: factor.id, code })
    const to = provedAddress(user, factor.type)
    if (!to || addressOf(to) !== (sent.data as { address?: string }).address) throw new AuthError('CODE_INVALID')
    return { step: null, sent }
  }
  const totp = openSecret(auth, factor)
  const step = totp === null ? null : await matchTotp(totp, code, { now: auth.now(), window: auth.options.mfa.window, after: null })
  if (step !== null) return { step }
  await recordFailure(auth, user.id, 'totp')
  throw new AuthError('CODE_INVALID')
}

/** What goes with a new factor: the account asks for one from now on, other sessions and trusted devices end, the owner is told. */
async function noteNewFactor(auth: AuthContext, user: UserRow, { id, type }: FactorRow, keepSession?: string): Promise<string[] | undefined> {
  const { count } = await auth.db.authUser.updateMany({ where: { id: user.id, mfaEnabled: false }, data: { mfaEnabled: true, updatedAt: auth.now() } })
  const isFirst = count > 0
  const recoveryCodes = isFirst ? await makeRecoveryCodes(auth, user.id) : undefined
  await revokeAllSessions(auth, user.id, { reason: 'mfa_changed', except: keepSession })
  await endTrust(auth, user.id)
  await recordChanges(auth, 'user.roles', [user.id])
  await recordAudit(
    auth,
    { event: 'mfa.factor_added', userId: user.id, data: { factorId: id, type } },
    ...(isFirst ? [{ event: 'mfa.enabled', userId: user.id }] : []),
  )
  await notifyOwner(auth, user, 'mfa_changed', [`Added: ${type}`])
  emit(auth, 'mfa.factor_added', { userId: user.id, factorId: id, type })
  if (isFirst) emit(auth, 'mfa.enabled', { userId: user.id })
  return recoveryCodes
}
