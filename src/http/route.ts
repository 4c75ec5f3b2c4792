import type { Request, Response } from 'express'
import type { ZodType, z } from 'zod'
import type { AuthContext } from '../context.ts'
import type { AuthErrorCode } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Person, Tokens } from '../shapes.ts'
import type { Shape } from './shape.ts'
import type { Transport } from './transport.ts'

/** Who may call: anyone; someone signed in; someone who signed in or confirmed within `stepUp.maxAge`. */
export type Access = 'public' | 'signed-in' | 'recent'

export interface Limit {
  /** Requests. */
  max: number
  /** Seconds. */
  per: number
}

/** What a handler gives; the mount writes it. */
export interface Answer {
  status: number
  body?: unknown
  /** Goes into cookies or stays in the body, as the transport has it. */
  signedIn?: { tokens: Tokens & { session: { id: string; expiresAt: Date } }; remember: boolean }
  clearCookies?: boolean
  headers?: Readonly<Record<string, string>>
}

/** Who asks, which nobody looks for on a public route. A session alone may: no API key reaches what the security of an account hangs on. */
export type Who<A extends Access> = A extends 'public' ? undefined : Person

/** As use cases are told who asks. */
export const idsOf = ({ user, session }: Person) => ({ userId: user.id, sessionId: session.id })

export interface Call<Body = unknown, Query = unknown, Params = unknown, A extends Access = Access> {
  auth: AuthContext
  body: Body
  query: Query
  params: Params
  who: Who<A>
  transport: Transport
  req: Request
  res: Response
}

/** What a row of the table says that no schema has a part in. */
interface RouteFacts {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Explicit, without wildcards, so that Express 4 and 5 read it alike. */
  path: string
  summary: string
  access: Access
  /** It goes on with a session though anyone may call it, found by that session's access or refresh token: tokens travel as that session's did. */
  continuesSession?: 'access' | 'refresh'
  /** Public, and tells who is signed in apart. */
  knowsCaller?: boolean
  /**
   * Its body's `tenant` says, in isolated mode, whose accounts are meant. 'always': TENANT_REQUIRED without it; 'if given': a token in the body says
   * so too.
   */
  namesTenant?: 'always' | 'if given'
  /** Other sites may send it: it carries what only this browser has. */
  crossSite?: boolean
  /**
   * The tenant that it acts in. 'session': that of the session, which a request may name by its header; it has to be active then, and the user a member.
   * 'path': that of the path (`/tenants/:id…`), which its handler holds against the header as well, and lets staff into. Left out: none.
   */
  tenant?: 'session' | 'path'
  /** It hashes a password for whoever asks, so a burst of it is let in one by one. */
  hashes?: boolean
  /** The body is an HTML form's. */
  form?: boolean
  /** Statuses whose answer is a page, which the handler writes itself. */
  pages?: readonly number[]
  /** False: the answer is 404 FEATURE_DISABLED. */
  enabled?: (options: ResolvedOptions) => boolean
  /** Each status with the shape of its body; null where there is none. */
  answers: Readonly<Record<number, Shape | null>>
  /** The problems it can answer with, beside those of every route. */
  errors?: readonly AuthErrorCode[]
  /** The audit events it may write. */
  audit: readonly string[]
}

export interface RouteDefinition<Body extends ZodType, Query extends ZodType, Params extends ZodType, A extends Access> extends RouteFacts {
  access: A
  body?: Body
  query?: Query
  params?: Params
  /** For one address, and for one account where `account` says whose. */
  limit?: { ip?: Limit; account?: Limit & { of: (body: z.output<Body>) => string | undefined } }
  handler: (call: Call<z.output<Body>, z.output<Query>, z.output<Params>, A>) => Promise<Answer>
}

/** A route as the table holds it. Its methods take what its own schemas have parsed and whom its own access has let through: the mount gives them nothing else. */
export interface Route extends RouteFacts {
  body?: ZodType
  query?: ZodType
  params?: ZodType
  limit?: { ip?: Limit; account?: Limit & { of(body: unknown): string | undefined } }
  handler(call: Call): Promise<Answer>
}

/** A row of the route table, from which come the router, the OpenAPI document, the limits and the generated tests. */
export const route = <Body extends ZodType, Query extends ZodType, Params extends ZodType, A extends Access>(
  definition: RouteDefinition<Body, Query, Params, A>,
): Route => definition

export const routeName = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`

const belowTenant = /^\/tenants\/:id(\/|$)/

/** Fails the start for a route without a policy, one below a tenant that does not say so, or one that changes something and names no audit event. */
export function checkRoutes(routes: readonly Route[]) {
  const seen = new Set<string>()
  for (const one of routes) {
    const name = routeName(one)
    if (seen.has(name)) throw new TypeError(`latchkey: the route ${name} is defined twice`)
    seen.add(name)
    if (!['public', 'signed-in', 'recent'].includes(one.access)) throw new TypeError(`latchkey: the route ${name} has no access policy`)
    if (belowTenant.test(one.path) !== (one.tenant === 'path')) throw new TypeError(`latchkey: tenant: 'path' is for routes below /tenants/:id: ${name}`)
    if (one.method !== 'GET' && one.audit.length === 0) throw new TypeError(`latchkey: the route ${name} changes something but names no audit event`)
  }
}
