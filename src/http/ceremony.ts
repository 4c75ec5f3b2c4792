import type { ConfirmProof } from '../feature.ts'
import { clearCookie, cookieName, readCookie } from './cookies.ts'
import type { Call } from './route.ts'

type Transported = Pick<Call<{ ceremonyToken?: string | undefined }>, 'auth' | 'req' | 'res' | 'transport' | 'body'>

/** The token of a passkey's ceremony: in cookie transport it is a cookie, which goes with its use. */
export function ceremonyTokenOf({ auth, req, res, transport, body }: Transported): string | undefined {
  if (transport !== 'cookie') return body.ceremonyToken
  clearCookie(auth, res, 'ceremony')
  return readCookie(req, cookieName(auth, 'ceremony'))
}

/** What a body proves, without what it left out; a passkey with the token of its ceremony. */
export function proofOf(call: Transported, given: { [Name in keyof ConfirmProof]?: ConfirmProof[Name] | undefined }): ConfirmProof {
  const proof = given.passkey === undefined ? given : { ...given, ceremonyToken: ceremonyTokenOf(call) }
  return Object.fromEntries(Object.entries(proof).filter(([, value]) => value !== undefined)) as ConfirmProof
}
