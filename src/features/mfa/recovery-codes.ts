import type { AuthContext } from '../../context.ts'
import { hmacHex, sha256Hex } from '../../crypto/hashing.ts'
import { newId } from '../../crypto/ids.ts'
import { randomText } from '../../crypto/random-text.ts'

const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const GROUP_LENGTH = 6
const canonical = (code: string) => code.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Whether a text has the form of a recovery code, which no other code has. */
export const isRecoveryText = (text: string) => canonical(text).length === GROUPS * GROUP_LENGTH

/** 24 of 31 characters, 118 bits, so that a plain hash is enough (ASVS 6.5.2, R-117). */
const newCode = (random: (bytes: number) => Uint8Array) =>
  randomText(alphabet, GROUPS * GROUP_LENGTH, random).replaceAll(new RegExp(`.{${GROUP_LENGTH}}(?!$)`, 'g'), '$&-')

const boundText = (userId: string, code: string) => `recovery:${userId}:${canonical(code)}`
/** Of no secret: a code is kept for years, and outlives it (F-07). */
const hashOf = (userId: string, code: string) => sha256Hex(boundText(userId, code))
/** With those of codes that were made when the hash was keyed. */
const hashes = (auth: AuthContext, userId: string, code: string) => [
  hashOf(userId, code),
  ...auth.subkeys.all.map((keys) => hmacHex(keys.key('one-time-code'), boundText(userId, code))),
]

/** Makes a new set, in the transaction in progress; the one before is gone. The codes are shown once. */
export async function makeRecoveryCodes(auth: AuthContext, userId: string): Promise<string[]> {
  const now = auth.now()
  const codes = Array.from({ length: auth.options.mfa.recoveryCodes }, () => newCode(auth.random))
  await auth.db.authRecoveryCode.deleteMany({ where: { userId } })
  await auth.db.authRecoveryCode.createMany({
    data: codes.map((code) => ({ id: newId(now, auth.random), userId, codeHash: hashOf(userId, code), createdAt: now })),
  })
  return codes
}

/** Uses a code up; the condition lets one of any number of racing requests have it. False where it is wrong or was used. */
export async function useRecoveryCode(auth: AuthContext, userId: string, code: string): Promise<boolean> {
  const { count } = await auth.db.authRecoveryCode.updateMany({
    where: { userId, codeHash: { in: hashes(auth, userId, code) }, usedAt: null },
    data: { usedAt: auth.now() },
  })
  return count > 0
}

/** Whether a code is one of those left; `useRecoveryCode` then decides. */
export async function isRecoveryCode(auth: AuthContext, userId: string, code: string): Promise<boolean> {
  const wanted = hashes(auth, userId, code)
  const rows = await auth.db.authRecoveryCode.findMany({ where: { userId, usedAt: null }, orderBy: { createdAt: 'asc' } })
  return rows.some(({ codeHash }) => wanted.includes(codeHash))
}

/** How many are left, and when they were made. */
export async function recoveryCodesLeft(auth: AuthContext, userId: string): Promise<{ left: number; generatedAt: Date | null }> {
  const rows = await auth.db.authRecoveryCode.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })
  return { left: rows.filter(({ usedAt }) => usedAt === null).length, generatedAt: rows[0]?.createdAt ?? null }
}
