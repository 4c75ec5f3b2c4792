import type { RequestAuth } from '../../shapes.ts'
import type { RoleMap } from '../rbac/role-map.ts'

/** A key that was found in order. Its time is looked at on every use; a change to it, its owner or its tenant takes it out of the cache. */
export interface VerifiedKey {
  readonly keyId: string
  /** The name that its uses are counted by. */
  readonly countedAs: string
  readonly userId: string
  readonly tenantId: string | null
  readonly expiresAt: Date | null
  /** Null: all that the owner may do. */
  readonly permissions: readonly string[] | null
  /** The owner's, there. */
  readonly ownerRoles: readonly string[]
  /** When it was read; milliseconds since 1970. */
  readonly verifiedAt: number
  /** When its use was last written down; milliseconds since 1970. */
  usedAt: number
  /** The map of roles that `requestAuth` was made with. */
  map: RoleMap | null
  requestAuth?: RequestAuth
}

export interface KeyCache {
  readonly get: (key: string) => VerifiedKey | undefined
  readonly set: (key: string, verified: VerifiedKey) => void
  readonly delete: (key: string) => void
  /** Takes out what a change speaks of; a change to the names of roles may be about any key. */
  readonly forget: (kind: string, subjectId: string) => void
  /** Keeps a write that no request waits for, so that closing can. */
  readonly behind: (work: Promise<unknown>) => void
  readonly settle: () => Promise<unknown>
}

/** Bounded; the one that came first makes room. */
export function createKeyCache(capacity = 10_000): KeyCache {
  const keys = new Map<string, VerifiedKey>()
  const bySubject = new Map<string, Set<string>>()
  const writes = new Set<Promise<unknown>>()

  const subjectsOf = ({ keyId, userId, tenantId }: VerifiedKey) => [keyId, userId, ...(tenantId === null ? [] : [tenantId])]
  const remove = (key: string) => {
    const verified = keys.get(key)
    if (!verified) return
    keys.delete(key)
    for (const subject of subjectsOf(verified)) {
      const all = bySubject.get(subject)
      all?.delete(key)
      if (all?.size === 0) bySubject.delete(subject)
    }
  }
  const set: KeyCache['set'] = (key, verified) => {
    remove(key)
    const oldest = keys.size >= capacity ? keys.keys().next().value : undefined
    if (oldest !== undefined) remove(oldest)
    keys.set(key, verified)
    for (const subject of subjectsOf(verified)) bySubject.set(subject, (bySubject.get(subject) ?? new Set()).add(key))
  }
  const forget: KeyCache['forget'] = (kind, subjectId) => {
    for (const key of [...(kind === 'roles' ? keys.keys() : (bySubject.get(subjectId) ?? []))]) remove(key)
  }
  const behind: KeyCache['behind'] = (work) => {
    writes.add(work)
    void work.finally(() => writes.delete(work))
  }
  return { get: (key) => keys.get(key), set, delete: remove, forget, behind, settle: () => Promise.all(writes) }
}
