import type { AuthContext } from '../../context.ts'
import { appName } from '../messages/app-name.ts'

type Options = AuthContext['options']

export interface RelyingParty {
  id: string
  name: string
  origins: string[]
}

const hostOf = (url: string) => new URL(url).hostname
const originsOf = ({ passkeys, appUrl, baseUrl }: Options) =>
  passkeys.origins ?? [...new Set([appUrl, baseUrl].flatMap((url) => (url === undefined ? [] : new URL(url).origin)))]
const idOf = ({ passkeys, appUrl, baseUrl }: Options) =>
  passkeys.rpId ?? (appUrl !== undefined ? hostOf(appUrl) : baseUrl !== undefined ? hostOf(baseUrl) : undefined)

// Options never change, and several steps of one ceremony ask.
const known = new WeakMap<Options, RelyingParty>()

/** Whom passkeys are made for: never taken from a request. */
export function relyingParty({ options }: Pick<AuthContext, 'options'>): RelyingParty {
  const party = known.get(options) ?? partyOf(options)
  known.set(options, party)
  return party
}

function partyOf(options: Options): RelyingParty {
  const id = idOf(options) ?? ''
  return { id, name: options.passkeys.rpName ?? appName({ options }), origins: originsOf(options).filter((origin) => isWithin(origin, id)) }
}

const isWithin = (origin: string, rpId: string) => hostOf(origin) === rpId || hostOf(origin).endsWith(`.${rpId}`)

/** What is wrong with the options, for the start. */
export function passkeyProblems(options: Options): string[] {
  if (!options.passkeys.enabled) return []
  const id = idOf(options)
  if (id === undefined) return ['passkeys.rpId: is needed where neither appUrl nor baseUrl is set']
  const outside = (options.passkeys.origins ?? []).filter((origin) => !isWithin(origin, id))
  if (outside.length > 0) return [`passkeys.origins: ${outside.join(', ')} is not at or below rpId ${id}`]
  if (relyingParty({ options }).origins.length === 0) return [`passkeys.origins: none of the origins of appUrl and baseUrl is at or below rpId ${id}`]
  const plain = originsOf(options).filter((origin) => origin.startsWith('http:') && hostOf(origin) !== 'localhost')
  return plain.length > 0 ? [`passkeys.origins: browsers make passkeys on https and localhost only, not on ${plain.join(', ')}`] : []
}
