import type { AuthContext } from './context.ts'
import type { Auth } from './create-auth.ts'

const contexts = new WeakMap<Auth, AuthContext>()

/** For the entry points that build on an instance: its context, which is no part of what it shows. */
export const keepContext = (instance: Auth, auth: AuthContext) => void contexts.set(instance, auth)

/** Throws a TypeError for what createAuth did not make. */
export function contextOf(instance: Auth): AuthContext {
  const auth = contexts.get(instance)
  if (auth) return auth
  throw new TypeError('latchkey: this needs the instance that createAuth() made')
}
