import type { Request } from 'express'
import type { AuthContext } from './context.ts'
import { AuthError } from './errors.ts'
import { inTime } from './in-time.ts'
import type { JsonObject } from './json.ts'
import type { AuthServices } from './services.ts'
import type { RequestAuth, Session, User } from './shapes.ts'

/** What every hook gets beside its input. `auth` is bound to the transaction that the hook runs in, where there is one. */
export interface HookContext {
  auth: AuthServices
  /** The Prisma transaction, or the app's client where the hook runs outside one: `(tx as Prisma.TransactionClient)` of your generated client has its type. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of the app's own client, which this package cannot name
  tx: any
  req?: Request
}

export interface SignupInput {
  email?: string
  phone?: string
  username?: string
  /** The tenant asked for. */
  tenant?: string
  /** The invitation token given. */
  invitation?: string
  /** What a provider told of the person, at a federated sign-up. */
  profile?: JsonObject
  extra: JsonObject
}
export interface UserInput {
  email?: string | null
  phone?: string | null
  username?: string | null
  emailVerified?: boolean
  phoneVerified?: boolean
  metadata?: JsonObject
  locale?: string | null
}

type Hook<Input, Result = void> = (input: Input, context: HookContext) => Result | void | Promise<Result | void>

/**
 * Hooks run inside the flow. A `before` hook may return a changed input; any may veto with an `AuthError`. One that takes longer
 * than five seconds fails the request (F-23).
 */
export interface AuthHooks {
  'signup.before'?: Hook<SignupInput, SignupInput>
  'signup.after'?: Hook<{ user: User; extra: JsonObject }>
  'login.before'?: Hook<{ email?: string; phone?: string; username?: string }>
  'login.after'?: Hook<{ user: User; session: Session }>
  'user.beforeCreate'?: Hook<UserInput, UserInput>
  'user.afterCreate'?: Hook<User>
  'user.beforeUpdate'?: Hook<{ user: User; patch: UserInput }, UserInput>
  'user.afterUpdate'?: Hook<User>
  'user.beforeDelete'?: Hook<User>
  'user.afterDelete'?: Hook<User>
  /** Its result is stored on the session and returned with it. */
  'user.sessionData'?: Hook<User, JsonObject>
  'session.created'?: Hook<{ user: User; session: Session }>
  'session.refreshed'?: Hook<{ session: Session; userId: string }>
  'session.revoked'?: Hook<{ sessionId: string; userId: string; reason: string }>
  /** The claims to add to an access token. Reserved names are refused. */
  'token.claims'?: Hook<{ user: User; session: Session; roles: readonly string[] }, JsonObject>
  /** The only hook that sees a password. Throw `AuthError('PASSWORD_TOO_WEAK')` to refuse it. */
  'password.validate'?: Hook<{ password: string; identifiers: readonly string[] }>
  /** For every request that a guard, a route of the router or a Passport strategy has authenticated; with several of them once for each. */
  'request.authenticated'?: Hook<{ auth: RequestAuth }>
  /** May return another body for an answer of the router, a refusal's problem document among them; status and headers stay. */
  'response.transform'?: Hook<{ route: string; status: number; body: unknown }, unknown>
}

export type HookName = keyof AuthHooks
const known: Record<HookName, true> = {
  'signup.before': true,
  'signup.after': true,
  'login.before': true,
  'login.after': true,
  'user.beforeCreate': true,
  'user.afterCreate': true,
  'user.beforeUpdate': true,
  'user.afterUpdate': true,
  'user.beforeDelete': true,
  'user.afterDelete': true,
  'user.sessionData': true,
  'session.created': true,
  'session.refreshed': true,
  'session.revoked': true,
  'token.claims': true,
  'password.validate': true,
  'request.authenticated': true,
  'response.transform': true,
}
export const hookNames = Object.keys(known) as readonly HookName[]

type InputOf<Name extends HookName> = Parameters<NonNullable<AuthHooks[Name]>>[0]
type ResultOf<Name extends HookName> = Exclude<Awaited<ReturnType<NonNullable<AuthHooks[Name]>>>, void>

const SECONDS = 5

/** Runs the app's hook, if it has one. Undefined where there is none or it returned nothing. */
export async function runHook<Name extends HookName>(auth: AuthContext, name: Name, input: InputOf<Name>): Promise<ResultOf<Name> | undefined> {
  const hook = auth.options.hooks[name] as ((input: InputOf<Name>, context: HookContext) => unknown) | undefined
  if (!hook) return undefined
  const context = contextOf(auth)
  const tooLate = () => new AuthError('UNAVAILABLE', { cause: new Error(`the hook ${name} took over ${SECONDS} s`) })
  const result = await inTime((async () => hook(input, context))(), SECONDS * 1000, tooLate)
  return resultOf(name, result) as ResultOf<Name> | undefined
}

/** Most hooks do not ask for the services, so they are bound when one does. */
function contextOf(auth: AuthContext): HookContext {
  let services: AuthServices | undefined
  const { db: tx, request } = auth
  return {
    get auth() {
      return (services ??= auth.services(auth))
    },
    tx,
    ...(request?.req && { req: request.req }),
  }
}

const givesObject: ReadonlySet<HookName> = new Set(['signup.before', 'user.beforeCreate', 'user.beforeUpdate', 'user.sessionData', 'token.claims'])

/** What a hook gave back, as JSON holds it: what has no place there is left out. A TypeError for what cannot be meant (F-23). */
function resultOf(name: HookName, result: unknown): unknown {
  if (result === undefined || result === null || !(givesObject.has(name) || name === 'response.transform')) return undefined
  if (givesObject.has(name) && Object.prototype.toString.call(result) !== '[object Object]')
    throw new TypeError(`latchkey: the hook ${name} has to give back an object or nothing, not ${typeof result}`)
  try {
    return JSON.parse(JSON.stringify(result))
  } catch (cause) {
    throw new TypeError(`latchkey: the hook ${name} gave back what JSON cannot hold`, { cause })
  }
}
