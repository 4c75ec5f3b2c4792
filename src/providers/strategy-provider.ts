import { AuthError } from '../errors.ts'
import type { Assertion, CallbackParams, Provider, ProviderContext, ProviderFlow, ProviderTokens } from '../provider.ts'
import { boundClient, type OAuth2Client } from './bounded-oauth2.ts'
import { tokensOf } from './openid.ts'
import { providerError } from './provider-error.ts'
import { type RunnableStrategy, runStrategy, startStrategy, strategyRequest } from './run-strategy.ts'

/** The constructor of a strategy built on passport-oauth2. */
// biome-ignore lint/suspicious/noExplicitAny: strategies type their options and callbacks each in their own way
export type StrategyConstructor = new (options: any, verify: any) => object

interface BuiltStrategy extends RunnableStrategy {
  _oauth2: OAuth2Client
}

export interface StrategySettings extends Pick<Provider, 'id' | 'linkByEmail' | 'allowSignup' | 'storeTokens'> {
  load: () => Promise<StrategyConstructor> | StrategyConstructor
  /** The strategy's own. */
  options: Readonly<Record<string, unknown>>
  /** What `authenticate` gets, of a request that goes out. */
  authenticate?: Readonly<Record<string, unknown>>
  read: (profile: unknown) => Promise<Omit<Assertion, 'tokens'>>
  verifyIdToken?: Provider['verifyIdToken']
}

interface Trip {
  state: string
  /** Chosen by the strategy on the way out, handed to it on the way back. */
  codeVerifier: string | undefined
}

/** What the strategy's own verification hands on: everything, for `read` to judge. */
interface Granted {
  accessToken: string
  refreshToken: string | undefined
  params: Record<string, unknown>
  profile: unknown
}

const SECONDS = 6

/**
 * The state store of passport-oauth2, whose calls go by the number of parameters. State and verifier are the flow's, which lives in the
 * browser's cookie and was compared before the strategy runs.
 */
const storeOf = (trip: Trip) => ({
  store: (_req: unknown, verifier: string | undefined, _state: unknown, _meta: unknown, done: (error: null, state: string) => void) => {
    trip.codeVerifier = verifier
    done(null, trip.state)
  },
  verify: (_req: unknown, state: unknown, _meta: unknown, done: (error: null, ok: string | false, state: unknown) => void) =>
    done(null, state === trip.state && trip.codeVerifier !== undefined ? trip.codeVerifier : false, state),
})

const grantedOf = (
  accessToken: string,
  refreshToken: string | undefined,
  params: Record<string, unknown>,
  profile: unknown,
  done: (error: null, user: Granted) => void,
) => done(null, { accessToken, refreshToken, params, profile })

function build(Strategy: StrategyConstructor, options: Readonly<Record<string, unknown>>, callbackURL: string, trip: Trip): BuiltStrategy {
  const ours = { callbackURL, store: storeOf(trip), state: undefined, pkce: 'S256', passReqToCallback: false, proxy: false }
  return new Strategy({ ...options, ...ours }, grantedOf) as BuiltStrategy
}

const carriesState = (url: string, state: string) => {
  const { searchParams } = new URL(url)
  return searchParams.get('state') === state && searchParams.get('code_challenge_method') === 'S256' && searchParams.has('code_challenge')
}

/** Why a strategy cannot be used here; undefined where it can, or where only a request will tell. */
export function strategyProblem(Strategy: StrategyConstructor, options: Readonly<Record<string, unknown>>): string | undefined {
  const callbackUrl = 'https://probe.invalid/callback'
  try {
    const strategy = build(Strategy, options, callbackUrl, { state: 'probe', codeVerifier: undefined })
    if (typeof strategy._oauth2?.getOAuthAccessToken !== 'function') return 'is not built on passport-oauth2'
    let problem: string | undefined
    startStrategy(strategy, strategyRequest(callbackUrl, {}), {}, (outcome) => {
      const isGood = outcome.type === 'redirect' && carriesState(outcome.url, 'probe')
      if (!isGood) problem = 'sends no state or no PKCE challenge: it needs passport-oauth2 1.6 or newer'
    })
    return problem
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be made with these options'
  }
}

/**
 * A provider by a Passport strategy. Each trip has a strategy of its own: nothing is registered with the app's Passport, there is no
 * session, and what the strategy finds comes back by promise.
 */
export function strategyProvider(settings: StrategySettings): Provider {
  const { id, linkByEmail, allowSignup, storeTokens, load, options, authenticate = {}, read, verifyIdToken } = settings
  const begin = async (_context: ProviderContext, { callbackUrl, state }: ProviderFlow) => {
    const trip: Trip = { state, codeVerifier: undefined }
    const strategy = build(await load(), options, callbackUrl, trip)
    const outcome = await runStrategy(strategy, strategyRequest(callbackUrl, {}), authenticate, SECONDS)
    if (outcome.type === 'redirect' && trip.codeVerifier !== undefined && carriesState(outcome.url, state))
      return { url: outcome.url, codeVerifier: trip.codeVerifier }
    throw providerError(outcome.type === 'error' ? outcome.error : new Error(`the strategy of ${id} did not set out with state and PKCE`))
  }
  const finish = async (context: ProviderContext, flow: ProviderFlow & { codeVerifier: string }, params: CallbackParams): Promise<Assertion> => {
    const granted = await redeem(await load(), options, flow, params)
    const { refreshToken: refresh_token } = granted
    const { expires_in, scope } = granted.params
    const facts = { access_token: granted.accessToken, refresh_token, expires_in: secondsOf(expires_in), scope: typeof scope === 'string' ? scope : undefined }
    const { subject, ...rest } = await read(granted.profile).catch((cause: unknown) => Promise.reject(providerError(cause)))
    if (subject === '' || subject.length > 255) throw providerError(new Error(`${id} did not say who it is`))
    return { subject, ...rest, tokens: tokensOf(context, facts) }
  }
  const refresh = async (context: ProviderContext, refreshToken: string) =>
    renew(context, build(await load(), options, 'https://unused.invalid', noTrip), refreshToken)
  const traits = { id, key: id, isFormPost: false, linkByEmail, allowSignup, storeTokens, problems: [] }
  return { ...traits, begin, finish, refresh, ...(verifyIdToken && { verifyIdToken }) }
}

const noTrip: Trip = { state: '', codeVerifier: undefined }
const secondsOf = (value: unknown) => (Number.isFinite(Number(value)) && value !== undefined && value !== null ? Number(value) : undefined)

async function redeem(
  Strategy: StrategyConstructor,
  options: Readonly<Record<string, unknown>>,
  { callbackUrl, state, codeVerifier }: ProviderFlow & { codeVerifier: string },
  params: CallbackParams,
): Promise<Granted> {
  if (params.error !== undefined) throw new AuthError(params.error === 'access_denied' ? 'PROVIDER_DENIED' : 'PROVIDER_ERROR')
  if (!params.code || params.state === undefined) throw new AuthError('PROVIDER_ERROR')
  const strategy = build(Strategy, options, callbackUrl, { state, codeVerifier })
  boundClient(strategy._oauth2)
  const outcome = await runStrategy(strategy, strategyRequest(callbackUrl, { code: params.code, state: params.state }), {}, SECONDS)
  if (outcome.type === 'success') return outcome.user as Granted
  throw providerError(outcome.type === 'error' ? outcome.error : new Error(`the strategy ended in ${outcome.type}`))
}

function renew(context: ProviderContext, { _oauth2: client }: BuiltStrategy, refreshToken: string): Promise<ProviderTokens> {
  boundClient(client)
  return new Promise((resolve, reject) => {
    client.getOAuthAccessToken(refreshToken, { grant_type: 'refresh_token' }, (error, access_token, next, results) => {
      if (error || !access_token) return reject(providerError(error ?? new Error('no access token came')))
      resolve(tokensOf(context, { access_token, refresh_token: next ?? refreshToken, expires_in: secondsOf(results?.expires_in) }))
    })
  })
}
