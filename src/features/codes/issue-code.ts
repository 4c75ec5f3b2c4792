import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { insertRows } from '../../insert-rows.ts'
import type { JsonObject } from '../../json.ts'
import { isUniqueViolation, writeConflict } from '../../prisma-errors.ts'
import { hashCode, hashToken, randomCode, randomToken } from './code-text.ts'

export interface CodeRequest {
  /** What it is for: 'reset_password', 'mfa.email' … */
  purpose: string
  /** Whom it is sent to, or what it belongs to. One of each purpose lives for each target. */
  target: string
  /** Null where no account has the address: nobody can use the code, and it costs the same. */
  userId: string | null
  form: 'code' | 'token' | 'both'
  /** Seconds; `codes.ttl` where left out. */
  ttl?: number
  data?: JsonObject
  /** The target was made in this transaction: there is no code to replace. */
  isFirst?: boolean
}

export interface IssuedCode {
  id: string
  code?: string
  token?: string
  expiresAt: Date
  /** The tries of this target are used up: the code will not be accepted, so it is not worth sending. */
  isExhausted: boolean
}

export const liveKeyOf = ({ purpose, target }: { purpose: string; target: string }) => `${purpose}:${target}`

// Failures of one target count together for this long, over however many codes.
const RUN_SECONDS = 900

/**
 * Makes a code or a link token, in the transaction in progress. It replaces the one before and keeps its count of wrong tries (R-033,
 * Only hashes are stored.
 */
export async function issueCode(auth: AuthContext, request: CodeRequest): Promise<IssuedCode> {
  const { purpose, target, userId, form, ttl = auth.options.codes.ttl, data, isFirst = false } = request
  const liveKey = liveKeyOf(request)
  const code = form === 'token' ? undefined : randomCode(auth.options.codes, auth.random)
  const token = form === 'code' ? undefined : randomToken('lkc', auth.random)
  const now = auth.now()
  const fresh = {
    userId,
    codeHash: code === undefined ? null : hashCode(auth.subkeys, liveKey, code),
    tokenHash: token === undefined ? null : hashToken(token),
    expiresAt: addSeconds(now, ttl),
    data: data ?? {},
  }
  const existing = isFirst ? null : await auth.db.authOtp.findUnique({ where: { liveKey } })
  const id = existing?.id ?? newId(now, auth.random)
  const goesOn = existing !== null && existing.createdAt > addSeconds(now, -RUN_SECONDS)
  if (existing) {
    const { count } = await auth.db.authOtp.updateMany({ where: { id, liveKey }, data: { ...fresh, ...(!goesOn && { attempts: 0, createdAt: now }) } })
    if (count === 0) throw conflict()
  } else await insert(auth, { id, purpose, target, liveKey, createdAt: now, ...fresh })
  const isExhausted = goesOn && existing.attempts >= auth.options.codes.maxAttempts
  return { id, ...(code !== undefined && { code }), ...(token !== undefined && { token }), expiresAt: fresh.expiresAt, isExhausted }
}

async function insert(auth: AuthContext, row: Parameters<AuthContext['db']['authOtp']['createMany']>[0]['data'][number]) {
  try {
    await insertRows(auth, auth.db.authOtp, [row])
  } catch (cause) {
    throw isUniqueViolation(cause) ? conflict(cause) : cause
  }
}

/** Another request has just written the same target's row: the transaction is tried again and finds it. */
const conflict = (cause?: unknown) => writeConflict('another request has just issued this code', cause)
