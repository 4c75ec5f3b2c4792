import { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { RequestAuth } from '../shapes.ts'
import { isOurs, passportUser } from './request-auth.ts'

// Express gives every request another prototype, and V8 then makes a hidden class anew for each property that is added to it: 2 to 3 µs each, which
// was half of what a guard cost. So `auth` and `user` are accessors on Express's own request, as `req.ip` is, and what they answer is kept with the
// state that Node has for each stream, whose hidden class is always the same (docs/decisions/009).
const AUTH = Symbol('latchkey: req.auth')
const USER = Symbol('latchkey: req.user')
interface Kept {
  [AUTH]?: RequestAuth | undefined
  /** Where something else than a guard assigned it. */
  [USER]?: { user: unknown } | undefined
}
const prepared = new WeakMap<object, boolean>()
/** For a request that has no such state, as a mock may be. */
const stateless = new WeakMap<object, Kept>()

function keptWith(req: { _readableState?: Kept }): Kept {
  const kept = req._readableState ?? stateless.get(req)
  if (kept) return kept
  const made: Kept = {}
  stateless.set(req, made)
  return made
}

/** Makes `req.auth` and `req.user` say who the request is from. */
export function attach(req: Request, who: RequestAuth) {
  if (isPrepared(req)) {
    const kept = keptWith(req as object)
    kept[AUTH] = who
    if (kept[USER]) kept[USER] = undefined
    return
  }
  req.auth = who
  ;(req as { user?: unknown }).user = passportUser(who)
}

/** Whether the request reads both from here; not so for one that is none of Express's, or to which something else gave them first. */
function isPrepared(req: Request): boolean {
  const prototype = Object.getPrototypeOf(req) as object
  let isOurs = prepared.get(prototype)
  if (isOurs === undefined) {
    isOurs = prepare(prototype)
    prepared.set(prototype, isOurs)
  }
  return isOurs
}

function prepare(prototype: object): boolean {
  const shared = expressRequest(prototype)
  if (!shared) return false
  if (prepared.has(shared)) return true
  if ('auth' in shared || 'user' in shared) return false
  Object.defineProperties(shared, accessors)
  prepared.set(shared, true)
  return true
}

/** What the requests of all apps of one Express inherit from. */
function expressRequest(prototype: object): object | undefined {
  let found: object | null = prototype
  while (found && Object.getPrototypeOf(found) !== IncomingMessage.prototype) found = Object.getPrototypeOf(found)
  return found ?? undefined
}

const accessors: PropertyDescriptorMap & ThisType<object> = {
  auth: {
    configurable: true,
    enumerable: true,
    get() {
      return keptWith(this)[AUTH]
    },
    set(who: RequestAuth | undefined) {
      keptWith(this)[AUTH] = who
    },
  },
  user: {
    configurable: true,
    enumerable: true,
    get() {
      const { [AUTH]: who, [USER]: assigned } = keptWith(this)
      if (assigned) return assigned.user
      return who && isOurs(who) ? passportUser(who) : undefined
    },
    set(user: unknown) {
      keptWith(this)[USER] = { user }
    },
  },
}
