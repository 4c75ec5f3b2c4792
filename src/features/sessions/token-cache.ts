import type { Claims } from '../../crypto/jwt.ts'
import type { RequestAuth } from '../../shapes.ts'
import type { RoleMap } from '../rbac/role-map.ts'

/** A token whose signature was checked. Its time and the change feed are looked at on every use. */
export interface VerifiedToken {
  readonly claims: Claims
  readonly userId: string
  readonly sessionId: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** The change count at which it was last found in order. */
  checkedAt: number
  /** As in the token, or read anew since they changed. */
  roles: readonly string[]
  /** The change count up to which `roles` is right. */
  rolesAt: number
  /** What guards put on the request, for each way the token can come. */
  /** The map of roles that `requestAuth` was made with; null before the first, and for who has no role. */
  map: RoleMap | null
  requestAuth: { bearer?: RequestAuth; cookie?: RequestAuth }
}

export interface TokenCache {
  readonly get: (token: string) => VerifiedToken | undefined
  readonly set: (token: string, verified: VerifiedToken) => void
  readonly delete: (token: string) => void
  readonly size: () => number
}

/** Bounded, keyed by the exact token. The older half makes room for the new. */
export function createTokenCache(capacity = 10_000): TokenCache {
  let young = new Map<string, VerifiedToken>()
  let old = new Map<string, VerifiedToken>()
  const set: TokenCache['set'] = (token, verified) => {
    if (young.size >= capacity / 2) {
      old = young
      young = new Map()
    }
    young.set(token, verified)
  }
  const get: TokenCache['get'] = (token) => {
    const found = young.get(token)
    if (found) return found
    const older = old.get(token)
    if (older) set(token, older)
    return older
  }
  const remove: TokenCache['delete'] = (token) => {
    young.delete(token)
    old.delete(token)
  }
  return { get, set, delete: remove, size: () => young.size + old.size }
}
