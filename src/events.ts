import type { EventPayloads } from './event-payloads.ts'
import type { Logger } from './logger.ts'

export type { EventPayloads } from './event-payloads.ts'

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
  'password.reset_requested': true,
  'password.reset': true,
  'email.verification_requested': true,
  'email.verified': true,
  'email.change_requested': true,
  'email.changed': true,
  'phone.verification_requested': true,
  'phone.verified': true,
  'phone.change_requested': true,
  'phone.changed': true,
  'passwordless.requested': true,
  'magic_link.requested': true,
  'role.created': true,
  'role.updated': true,
  'role.deleted': true,
  'role.assigned': true,
  'role.removed': true,
  'permission.created': true,
  'permission.deleted': true,
  'mfa.enabled': true,
  'mfa.disabled': true,
  'mfa.factor_added': true,
  'mfa.factor_removed': true,
  'mfa.code_requested': true,
  'mfa.challenged': true,
  'mfa.verified': true,
  'mfa.failed': true,
  'mfa.recovery_code_used': true,
  'mfa.recovery_codes_generated': true,
  'passkey.added': true,
  'passkey.removed': true,
  'passkey.used': true,
  'passkey.clone_suspected': true,
  'identity.linked': true,
  'identity.unlinked': true,
  'trusted_device.created': true,
  'trusted_device.revoked': true,
  'api_key.created': true,
  'api_key.updated': true,
  'api_key.revoked': true,
  'api_key.used': true,
  'tenant.created': true,
  'tenant.updated': true,
  'tenant.suspended': true,
  'tenant.deleted': true,
  'membership.added': true,
  'membership.updated': true,
  'membership.removed': true,
  'invitation.created': true,
  'invitation.resent': true,
  'invitation.accepted': true,
  'invitation.declined': true,
  'invitation.revoked': true,
  'platform.granted': true,
  'platform.revoked': true,
  'admin.created': true,
  'admin.removed': true,
  'key.rotated': true,
  'limit.exceeded': true,
}
export const eventNames = Object.keys(known) as readonly EventName[]

export interface Events {
  emit: Emit
  /** Adds a listener; the function it returns takes it off again. Throws a TypeError for a name that is no event, and for a listener that is no function. */
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
    if (typeof listener !== 'function') throw new TypeError(`latchkey: on('${name}', listener) takes a function`)
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
