import type { JsonObject } from './json.ts'
import type { Logger } from './logger.ts'

/** What every event carries. No event holds a password, code, token, key or hash. */
interface Happened {
  at: Date
  ip?: string
  userAgent?: string
  requestId?: string
}
interface OfUser extends Happened {
  userId: string
}
interface OfSession extends OfUser {
  sessionId: string
}
interface OfRole extends Happened {
  roleId: string
  name: string
  guard: string
  tenantId: string | null
}

/** Event names and what their listeners get. */
export interface EventPayloads {
  'user.registered': OfUser & { email: string | null; phone: string | null; username: string | null; extra: JsonObject }
  'user.created': OfUser
  'user.updated': OfUser & { fields: string[] }
  'user.deleted': OfUser
  'user.suspended': OfUser & { until: Date | null; reason: string | null }
  'user.reactivated': OfUser
  'user.locked': OfUser & { until: Date }
  'user.unlocked': OfUser
  'session.created': OfSession & { amr: string[]; tenantId: string | null }
  'session.refreshed': OfSession
  'session.revoked': OfSession & { reason: string }
  'session.evicted': OfSession
  'session.reuse_detected': OfSession
  'login.succeeded': OfSession & { amr: string[] }
  'login.failed': Happened & { userId: string | null; reason: string }
  logout: OfSession
  'password.changed': OfUser
  'role.created': OfRole
  'role.assigned': OfRole & { userId: string }
  'role.removed': OfRole & { userId: string }
  'key.rotated': Happened & { kid: string }
  'limit.exceeded': Happened & { route: string; by: 'ip' | 'account' }
}

export type EventName = keyof EventPayloads
export type Listener<Name extends EventName> = (event: EventPayloads[Name]) => unknown
export type AuthEvents = { [Name in EventName]: Listener<Name> }
export type Emit = <Name extends EventName>(name: Name, event: EventPayloads[Name]) => void

const known: Record<EventName, true> = {
  'user.registered': true,
  'user.created': true,
  'user.updated': true,
  'user.deleted': true,
  'user.suspended': true,
  'user.reactivated': true,
  'user.locked': true,
  'user.unlocked': true,
  'session.created': true,
  'session.refreshed': true,
  'session.revoked': true,
  'session.evicted': true,
  'session.reuse_detected': true,
  'login.succeeded': true,
  'login.failed': true,
  logout: true,
  'password.changed': true,
  'role.created': true,
  'role.assigned': true,
  'role.removed': true,
  'key.rotated': true,
  'limit.exceeded': true,
}
export const eventNames = Object.keys(known) as readonly EventName[]

export interface Events {
  emit: Emit
  /** Adds a listener; the function it returns takes it off again. Throws a TypeError for a name that is no event. */
  on: <Name extends EventName>(name: Name, listener: Listener<Name>) => () => void
}

/** Listeners run after the request's own work and cannot fail it: what they throw is logged. */
export function createEvents(initial: Partial<AuthEvents>, log: Logger): Events {
  const listeners = new Map<EventName, Set<(event: never) => unknown>>(eventNames.map((name) => [name, new Set()]))
  const listenersOf = (name: EventName) => {
    const found = listeners.get(name)
    if (!found) throw new TypeError(`latchkey: there is no event '${name}'`)
    return found
  }
  const on: Events['on'] = (name, listener) => {
    listenersOf(name).add(listener)
    return () => void listenersOf(name).delete(listener)
  }
  const emit: Emit = (name, event) => {
    for (const listener of listenersOf(name)) {
      void Promise.resolve()
        .then(() => listener(event as never))
        .catch((err: unknown) => log.error({ err, event: name }, 'an event listener failed'))
    }
  }
  for (const name of Object.keys(initial) as EventName[]) on(name, initial[name] as never)
  return { emit, on }
}
