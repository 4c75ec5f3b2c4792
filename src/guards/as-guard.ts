import type { ServerResponse } from 'node:http'
import type { NextFunction, Request, RequestHandler } from 'express'

/**
 * What guards are: a handler for any route. It names no type of a route's own, because Express takes the first handler's types for those of the route:
 * as a plain `RequestHandler` it would make the `req.params` of `/posts/:id` a dictionary of anything for all handlers after it.
 */
export type Guard = (req: Pick<Request, 'get' | 'headers' | 'hostname' | 'ip' | 'method' | 'protocol'>, res: ServerResponse, next: NextFunction) => void

/** The one cast: what Express hands to a guard are its own requests, whole. Generic call types need none, and make checking each route five times the work. */
export const asGuard = (handler: RequestHandler): Guard => handler as Guard
