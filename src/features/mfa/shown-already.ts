import { invalidField } from '../../errors.ts'
import type { ProvedFactor } from '../../sign-in.ts'

export type ShownKind = 'email' | 'sms' | 'passkey'

/** The kinds of second factor that would be the first one again: proved twice it is one factor still. */
export const shownBy = ({ amr, channel }: Pick<ProvedFactor, 'amr' | 'channel'>): readonly ShownKind[] => [
  ...(channel === undefined ? [] : [channel]),
  ...(amr.includes('webauthn') ? (['passkey'] as const) : []),
]

/** What a session by a message alone has in its `amr`, which is all it keeps of how it began. */
const ofMessages: Partial<Record<string, readonly string[]>> = { email: ['link', 'otp'], sms: ['sms'] }

/** What a factor of this kind adds to the methods of a session: it has shown two then, unless it began with the same. */
export function addedMethods(sessionAmr: readonly string[], kind: string, amr: readonly string[]): string[] {
  const same = ofMessages[kind]
  const isSame = same !== undefined && sessionAmr.every((method) => same.includes(method))
  return [...new Set([...amr, ...(isSame ? [] : ['mfa'])])]
}

/** Throws VALIDATION_FAILED where a sign-in that has shown these would show one of them again. */
export function refuseShown(shown: readonly ShownKind[], type: string) {
  if (shown.some((kind) => kind === type)) throw invalidField('type', 'is what this sign-in has shown already')
}
