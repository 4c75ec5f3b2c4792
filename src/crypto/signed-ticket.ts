import { decrypt, encrypt } from './encryption.ts'
import type { Subkeys } from './subkeys.ts'

/** What a ticket says to the server that made it; nobody else can read it. */
export interface Ticket {
  /** Whom it is about. */
  subject: string
  /** Names this ticket, so that its use can be recorded. */
  id: string
  expiresAt: Date
  /** JSON. */
  data: Record<string, unknown>
}

// As for access tokens: no ticket comes near it, and longer input is not worth decrypting.
const MAX_LENGTH = 8192
const contextOf = (kind: string) => `ticket:${kind}`

/**
 * A short-lived, typed and encrypted token that is no access token. `kind` is authenticated with it (AES-256-GCM), so a ticket of one
 * kind does not open as another. Single use is the caller's business, by `id`.
 */
export function sealTicket(subkeys: Subkeys, { kind, subject, id, expiresAt, data }: Ticket & { kind: string }, random: (bytes: number) => Uint8Array) {
  const text = JSON.stringify({ subject, id, expiresAt: expiresAt.getTime(), data })
  return encrypt(subkeys, text, contextOf(kind), random, 'ticket')
}

/** The ticket, or null where it is not of this kind, not ours, was changed, or has expired. Expired exactly at `expiresAt`. Never throws. */
export function openTicket(subkeys: Subkeys, kind: string, token: string, now: Date): Ticket | null {
  if (typeof token !== 'string' || token.length > MAX_LENGTH) return null
  const text = decrypt(subkeys, token, contextOf(kind), 'ticket')
  if (text === null) return null
  // Authenticated: only sealTicket wrote it, so its shape needs no second check.
  const { subject, id, expiresAt, data } = JSON.parse(text) as Omit<Ticket, 'expiresAt'> & { expiresAt: number }
  return expiresAt > now.getTime() ? { subject, id, expiresAt: new Date(expiresAt), data } : null
}
