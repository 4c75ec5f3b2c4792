import type { Claims } from '../../crypto/jwt.ts'
import type { RequestAuth } from '../../shapes.ts'
import { twoGenerations } from '../../two-generations.ts'
import type { RoleMap } from '../rbac/role-map.ts'

/** How the token came, and whether its platform roles count there. */
export type TokenSlot = 'bearer' | 'cookie' | 'bearer-apart' | 'cookie-apart'

/** A token whose signature was checked. Its time and the change feed are looked at on every use. */
export interface VerifiedToken {
  readonly claims: Claims
  readonly userId: string
  readonly sessionId: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** The change count at which it was last found in order. */
  checkedAt: number
  /** The tenant that the token names, null once the user is no active member of it. */
  tenantId: string | null
  /** As in the token, or read anew since they changed. */
  roles: readonly string[]
  platformRoles: readonly string[]
  /** The change count up to which both are right. */
  rolesAt: number
  /** The change count at which they were last found right. */
  rolesCheckedAt: number
  /** The map of roles that `requestAuth` was made with; null before the first, and for who has no role. */
  map: RoleMap | null
  /** What guards put on the request. */
  requestAuth: { [Slot in TokenSlot]?: RequestAuth }
}

export interface TokenCache {
  readonly get: (token: string) => VerifiedToken | undefined
  readonly set: (token: string, verified: VerifiedToken) => void
  readonly delete: (token: string) => void
  /** Each token is verified anew: one of the keys they were verified with is gone. */
  readonly clear: () => void
  readonly size: () => number
}

// The end of a token is of its signature and as good as unique, and quicker to look up than the hundreds of characters of the whole.
const KEY_LENGTH = 32
const keyOf = (token: string) => token.slice(-KEY_LENGTH)

interface Entry {
  token: string
  verified: VerifiedToken
}

/** Bounded, and good for the exact token only. */
export function createTokenCache(capacity = 10_000): TokenCache {
  const entries = twoGenerations<Entry>(capacity)
  return {
    get: (token) => {
      const entry = entries.get(keyOf(token))
      return entry?.token === token ? entry.verified : undefined
    },
    set: (token, verified) => entries.set(keyOf(token), { token, verified }),
    delete: (token) => entries.delete(keyOf(token)),
    clear: entries.clear,
    size: entries.size,
  }
}
