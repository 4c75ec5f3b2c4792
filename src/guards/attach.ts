import { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { RequestAuth } from '../shapes.ts'
import { passportUser } from './request-auth.ts'

// Express gives every request another prototype, and V8 then makes a hidden class anew for each property that is added to it: 3 µs each, which was
// half of what a guard cost. So `auth` and `user` are accessors on Express's own request, as `req.ip` is (docs/decisions/009).
const attached = new WeakMap<object, RequestAuth>()
const assignedUsers = new WeakMap<object, unknown>()
let isUserEverAssigned = false
const prepared = new WeakMap<object, boolean>()

/** Makes `req.auth` and `req.user` say who the request is from. */
export function attach(req: Request, who: RequestAuth) {
  if (isPrepared(req)) {
    attached.set(req, who)
    if (isUserEverAssigned) assignedUsers.delete(req)
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
      return attached.get(this)
    },
    set(who: RequestAuth | undefined) {
      if (who === undefined) attached.delete(this)
      else attached.set(this, who)
    },
  },
  user: {
    configurable: true,
    enumerable: true,
    get() {
      if (isUserEverAssigned && assignedUsers.has(this)) return assignedUsers.get(this)
      const who = attached.get(this)
      return who && passportUser(who)
    },
    set(user: unknown) {
      isUserEverAssigned = true
      assignedUsers.set(this, user)
    },
  },
}
