import type { Caller } from './make-app.ts'
import type { Person, StandIn } from './oidc-stand-in.ts'

/** The cookies that an answer set, as a browser would send them back; those it cleared are left out. */
export function cookiesOf({ headers }: { headers: Record<string, unknown> }): Record<string, string> {
  const set = (headers['set-cookie'] ?? []) as string[]
  const pairs = set.map((line) => line.split(';')[0]!.split(/=(.*)/s) as [string, string])
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''))
}

export const cookieHeader = (cookies: Record<string, string>) => ({
  cookie: Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; '),
})

export interface Trip {
  url: string
  cookie: { cookie: string }
}

/** Sets out for a provider, as a browser. */
export async function begin({ call }: { call: Caller }, id: string, query = '', headers: Record<string, string> = {}): Promise<Trip> {
  const answer = await call('get', `/auth/oauth/${id}${query}`, undefined, headers).expect(302)
  return { url: String(answer.headers.location), cookie: cookieHeader(cookiesOf(answer)) }
}

export const comeBack = ({ call }: { call: Caller }, id: string, params: Record<string, string>, headers: Record<string, string> = {}) =>
  call('get', `/auth/oauth/${id}/callback?${new URLSearchParams(params)}`, undefined, headers)

/** A whole trip: out, agree, back. */
export async function visit(t: { call: Caller }, id: string, provider: StandIn, person: Person, query = '') {
  const trip = await begin(t, id, query)
  return comeBack(t, id, provider.agree(trip.url, person), trip.cookie)
}

export interface Ended {
  /** Of the redirect, where the trip was refused. */
  error?: string
  status: string
  user: { id: string; email: string | null; emailVerified: boolean }
  session: { id: string; amr: string[] }
  accessToken: string
  mfaToken: string
}

/** A whole trip in bearer transport, with the code exchanged. */
export async function signInAt(t: { call: Caller }, id: string, provider: StandIn, person: Person): Promise<Ended> {
  const back = await visit(t, id, provider, person)
  const target = new URL(String(back.headers.location))
  const error = target.searchParams.get('error')
  if (error) return { error } as Ended
  return (await t.call('post', '/auth/oauth/exchange', { code: target.searchParams.get('code') }, { 'x-auth-transport': 'bearer' })).body as Ended
}
