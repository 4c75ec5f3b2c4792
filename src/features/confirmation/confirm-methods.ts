import type { AuthContext } from '../../context.ts'
import type { ConfirmMethod } from '../../feature.ts'
import type { Address } from '../accounts/identifiers.ts'
import { provedAddress } from '../accounts/reach.ts'
import type { UserRow } from '../accounts/tables.ts'
import { canSend } from '../messages/queue-message.ts'

/** Where a code goes for an account that has nothing else to confirm with: an address that it has proved. */
export function codeAddress(auth: AuthContext, user: UserRow): { channel: 'email' | 'sms'; to: Address } | null {
  for (const channel of ['email', 'sms'] as const) {
    const to = canSend(auth, channel) ? provedAddress(user, channel) : null
    if (to) return { channel, to }
  }
  return null
}

/** What a user could confirm with. An account with neither password nor factor gets a code to its proved address. */
export async function methodsFor(auth: AuthContext, user: UserRow): Promise<ConfirmMethod[]> {
  const own: ConfirmMethod[] = []
  for (const { methods } of auth.process.confirmations) own.push(...(await methods(auth, user)))
  if (own.length > 0) return [...new Set(own)]
  const address = codeAddress(auth, user)
  return address ? [address.channel] : []
}
