import type { ChangeRow } from './tables.ts'

/**
 * What another process must hear of. `subjectId` is the id of the session, of the user, or of the key. 'roles': what roles are called or whether
 * they count has changed, for whoever holds them; 'permissions': what roles grant.
 */
export type ChangeKind = 'session.ended' | 'user.roles' | 'keys' | 'roles' | 'permissions' | 'api-key'
export type Change = { kind: ChangeKind; subjectId: string }

/** What has changed since the tokens now in circulation were signed. */
export interface Revocations {
  /** Grows with each change: a token checked at this count need not be checked again. */
  readonly epoch: () => number
  readonly isEnded: (sessionId: string) => boolean
  /** The change count at which this user's roles last changed; 0 where the tokens in circulation are right. */
  readonly rolesChangedAt: (userId: string) => number
  readonly apply: (change: Change | Pick<ChangeRow, 'kind' | 'subjectId'>) => void
  /** Forgets what no living token can meet any more. */
  readonly forget: () => void
}

/** `lifetime`: seconds after which every token signed before a change has ended. */
export function createRevocations(lifetime: number, now: () => Date): Revocations {
  const endedSessions = new Map<string, number>()
  const changedUsers = new Map<string, { time: number; epoch: number }>()
  let allUsers = { time: 0, epoch: 0 }
  let epoch = 0
  return {
    epoch: () => epoch,
    isEnded: (sessionId) => endedSessions.has(sessionId),
    rolesChangedAt: (userId) => Math.max(allUsers.epoch, changedUsers.get(userId)?.epoch ?? 0),
    apply: ({ kind, subjectId }) => {
      epoch++
      if (kind === 'session.ended') endedSessions.set(subjectId, now().getTime())
      if (kind === 'roles') allUsers = { time: now().getTime(), epoch }
      if (kind === 'user.roles') changedUsers.set(subjectId, { time: now().getTime(), epoch })
    },
    forget: () => {
      const limit = now().getTime() - lifetime * 1000
      for (const [id, time] of endedSessions) if (time < limit) endedSessions.delete(id)
      if (allUsers.time < limit) allUsers = { time: 0, epoch: 0 }
      for (const [id, { time }] of changedUsers) if (time < limit) changedUsers.delete(id)
    },
  }
}
