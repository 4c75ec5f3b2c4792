import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import { insertRows } from '../../insert-rows.ts'
import type { JsonObject } from '../../json.ts'
import type { ProvedFactor } from '../../sign-in.ts'
import { findUserById, isElsewhere } from '../accounts/find-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { findByToken } from './check-code.ts'
import { hashToken, randomToken } from './code-text.ts'
import type { OtpRow } from './tables.ts'

/** What a sign-in waits for. */
export type PendingStep = 'mfa' | 'mfa_enrollment' | 'password' | 'tenant'

/** A sign-in whose first factor is proved, kept until the next step: its token opens that step and nothing else. */
export interface PendingSignIn {
  id: string
  step: PendingStep
  expiresAt: Date
  /** With the user as the database has it now. */
  proved: ProvedFactor
  row: OtpRow
}

const SECONDS = 600
const PREFIX = 'lkp'
const steps: readonly PendingStep[] = ['mfa', 'mfa_enrollment', 'password', 'tenant']
const refusals = { mfa: 'MFA_TOKEN_INVALID', mfa_enrollment: 'MFA_TOKEN_INVALID', password: 'LINK_INVALID', tenant: 'LINK_INVALID' } as const
const purposeOf = (step: PendingStep) => `sign_in.${step}`

/** Keeps a sign-in for its next step, in the transaction in progress. The token is opaque: no route takes it for an access token. */
export async function keepPending(
  auth: AuthContext,
  step: PendingStep,
  proved: ProvedFactor,
  seconds = SECONDS,
): Promise<{ token: string; expiresIn: number }> {
  const { user, amr, remember = true, settled = [], tenantId } = proved
  const now = auth.now()
  const id = newId(now, auth.random)
  const token = randomToken(PREFIX, auth.random)
  const data: JsonObject = {
    amr: [...amr],
    remember,
    settled: [...settled],
    passwordChangedAt: user.passwordChangedAt?.toISOString() ?? null,
    mfaEnabled: user.mfaEnabled,
    ...(tenantId !== undefined && { tenantId }),
    ...(proved.provider !== undefined && { provider: proved.provider }),
    ...(proved.channel !== undefined && { channel: proved.channel }),
  }
  const purpose = purposeOf(step)
  const row = { id, userId: user.id, target: id, purpose, codeHash: null, tokenHash: hashToken(token), liveKey: `${purpose}:${id}` }
  await insertRows(auth, auth.db.authOtp, [{ ...row, data, createdAt: now, expiresAt: addSeconds(now, seconds) }])
  return { token, expiresIn: seconds }
}

/**
 * The sign-in that a token stands for; not spent by it. Throws MFA_TOKEN_INVALID (LINK_INVALID for the other steps) where there is none
 * that is live, or the account has changed since: suspended, deleted, another password, a second factor where there was none.
 */
export async function readPending(auth: AuthContext, steps: PendingStep | readonly PendingStep[], token: string): Promise<PendingSignIn> {
  const wanted = [steps].flat() as PendingStep[]
  const row = await findByToken(auth, token)
  const step = wanted.find((one) => row?.purpose === purposeOf(one))
  const refusal = new AuthError(refusals[wanted[0] ?? 'mfa'])
  if (!row?.userId || !step || row.consumedAt !== null || row.expiresAt <= auth.now()) throw refusal
  const user = await findUserById(auth, row.userId)
  const kept = row.data as {
    amr: string[]
    remember: boolean
    settled: string[]
    passwordChangedAt: string | null
    mfaEnabled: boolean
    tenantId?: string | null
    provider?: string
    channel?: 'email' | 'sms'
  }
  if (!user || isElsewhere(auth, user) || isSuspended(user, auth.now())) throw refusal
  const { passwordChangedAt, mfaEnabled, ...facts } = kept
  if ((user.passwordChangedAt?.toISOString() ?? null) !== passwordChangedAt || user.mfaEnabled !== mfaEnabled) throw refusal
  const proved = { user, ...facts }
  return { id: row.id, step, expiresAt: row.expiresAt, proved, row }
}

/** Takes one of the tries of a pending sign-in, before anything is compared. Throws MFA_TOKEN_INVALID once they are used up. */
export async function countAttempt(auth: AuthContext, { id, step }: PendingSignIn) {
  const { count } = await auth.db.authOtp.updateMany({
    where: { id, consumedAt: null, attempts: { lt: auth.options.codes.maxAttempts }, expiresAt: { gt: auth.now() } },
    data: { attempts: { increment: 1 } },
  })
  if (count === 0) throw new AuthError(refusals[step])
}

/** Uses a pending sign-in up, in the transaction of what follows: one of any number of racing requests goes on. */
export async function spendPending(auth: AuthContext, { id, step }: PendingSignIn) {
  const now = auth.now()
  const { count } = await auth.db.authOtp.updateMany({ where: { id, consumedAt: null, expiresAt: { gt: now } }, data: { consumedAt: now, liveKey: null } })
  if (count === 0) throw new AuthError(refusals[step])
}

/** Whether a token may be of a sign-in that waits; no access token looks like it. */
export const isPendingToken = (token: string) => token.startsWith(`${PREFIX}_`)

/** Ends the sign-in that a token stands for, whatever step it waits for. Where there is none that is live, nothing is done. */
export async function endPending(auth: AuthContext, token: string) {
  const row = await findByToken(auth, token)
  if (!row || !steps.some((step) => row.purpose === purposeOf(step))) return
  await transaction(auth, async (auth) => {
    const { count } = await auth.db.authOtp.updateMany({ where: { id: row.id, consumedAt: null }, data: { consumedAt: auth.now(), liveKey: null } })
    if (count > 0) await recordAudit(auth, { event: 'logout', userId: row.userId })
  })
}
