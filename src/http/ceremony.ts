import { clearCookie, cookieName, readCookie } from './cookies.ts'
import type { Call } from './route.ts'

/** In cookie transport the token of a passkey's ceremony is a cookie, which goes with its use. */
export function ceremonyOf<Proof extends { passkey?: unknown; ceremonyToken?: string | undefined }>(
  { auth, req, res, transport }: Pick<Call<unknown, unknown, unknown>, 'auth' | 'req' | 'res' | 'transport'>,
  proof: Proof,
): Proof {
  if (transport !== 'cookie' || proof.passkey === undefined) return proof
  clearCookie(auth, res, 'ceremony')
  return { ...proof, ceremonyToken: readCookie(req, cookieName(auth, 'ceremony')) }
}
