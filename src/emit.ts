import type { AuthContext } from './context.ts'
import type { EventName, EventPayloads } from './events.ts'

type Everywhere = 'at' | 'ip' | 'userAgent' | 'requestId'

/** Sends an event with when it happened and where the request came from; within a transaction, after its commit. */
export function emit<Name extends EventName>(auth: AuthContext, name: Name, facts: Omit<EventPayloads[Name], Everywhere>) {
  const { ip, userAgent, requestId } = auth.request ?? {}
  const origin = { ...(ip && { ip }), ...(userAgent && { userAgent }), ...(requestId && { requestId }) }
  auth.emit(name, { at: auth.now(), ...origin, ...facts } as unknown as EventPayloads[Name])
}
