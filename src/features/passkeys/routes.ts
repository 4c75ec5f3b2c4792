import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { ceremonyTokenOf } from '../../http/ceremony.ts'
import { setCookie } from '../../http/cookies.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { idParams, shapes, tenantFields, text, time, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { Person } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { findUserById } from '../accounts/find-user.ts'
import { inRealm } from '../tenants/in-realm.ts'
import { CEREMONY_SECONDS } from './ceremony.ts'
import { listPasskeys, removePasskey, renamePasskey } from './manage-passkeys.ts'
import { registerPasskey, registrationOptions } from './register-passkey.ts'
import { authenticationOptions, signInByPasskey } from './sign-in-by-passkey.ts'

const passkey = shape(() =>
  z
    .strictObject({
      id: z.string(),
      name: z.string().nullable(),
      deviceType: z.enum(['singleDevice', 'multiDevice']),
      backedUp: z.boolean(),
      aaguid: z.string().nullable(),
      createdAt: time,
      lastUsedAt: time.nullable(),
    })
    .meta({ id: 'Passkey' }),
)
const started = shape(() => z.strictObject({ options: z.looseObject({}), ceremonyToken: z.string().optional() }))
const long = text(8192)
const registration = z.looseObject({
  id: text(2048),
  rawId: text(2048),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: long, attestationObject: text(24_000), transports: z.array(text(32)).max(10).optional() }),
})
const assertion = z.looseObject({
  id: text(2048),
  rawId: text(2048),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: long, authenticatorData: long, signature: long, userHandle: text(256).nullish() }),
})
const ceremonyToken = tokenText.optional()
const isOn = ({ passkeys }: ResolvedOptions) => passkeys.enabled

export const passkeyRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/passkeys/registration/options',
    summary: 'Begin to add a passkey',
    access: 'recent',
    enabled: isOn,
    answers: { 200: started },
    errors: ['FORBIDDEN'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['passkey.added'],
    handler: async (call) => {
      const { user, sessionId } = await asking(call)
      return answerStart(call, await registrationOptions(call.auth, user, sessionId))
    },
  }),
  route({
    method: 'POST',
    path: '/passkeys/registration',
    summary: 'Add a passkey',
    access: 'recent',
    enabled: isOn,
    body: z.strictObject({ response: registration, ceremonyToken, name: text(80).optional() }),
    answers: { 201: passkey },
    errors: ['CEREMONY_INVALID', 'PASSKEY_INVALID'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['passkey.added', 'code.rejected'],
    handler: async (call) => {
      const { user, sessionId } = await asking(call)
      const { response, name = null } = call.body
      return { status: 201, body: await registerPasskey(call.auth, user, sessionId, { response, name, ceremonyToken: ceremonyTokenOf(call) }) }
    },
  }),
  route({
    method: 'POST',
    path: '/passkeys/authentication/options',
    summary: 'Begin to sign in by passkey; the same answer for any address or none',
    access: 'public',
    enabled: isOn,
    body: z.strictObject({ email: text(320).optional(), ...tenantFields }),
    answers: { 200: started },
    limit: { ip: { max: 120, per: 900 } },
    audit: ['passkey.used'],
    handler: async (call) => {
      const { email } = call.body.email === undefined ? {} : await canonicalIdentifiers({ email: call.body.email })
      const isNamed = email !== undefined || call.body.tenant !== undefined
      return answerStart(call, await authenticationOptions(isNamed ? await inRealm(call.auth, call.body.tenant) : call.auth, email))
    },
  }),
  route({
    method: 'POST',
    path: '/passkeys/authentication',
    summary: 'Sign in by passkey',
    access: 'public',
    enabled: isOn,
    namesTenant: 'if given',
    body: z.strictObject({ response: assertion, ceremonyToken, rememberMe: z.boolean().optional(), ...tenantFields }),
    answers: { 200: shapes.signIn },
    errors: ['CEREMONY_INVALID', 'INVALID_CREDENTIALS', 'ACCOUNT_SUSPENDED', 'EMAIL_NOT_VERIFIED'],
    limit: { ip: { max: 100, per: 900 } },
    audit: ['login.succeeded', 'login.failed', 'passkey.used', 'passkey.clone_suspected', 'code.rejected'],
    handler: async (call) => {
      const { response, rememberMe: remember = true } = call.body
      return answerSignIn(await signInByPasskey(call.auth, response, ceremonyTokenOf(call), { remember }), { remember })
    },
  }),
  route({
    method: 'GET',
    path: '/passkeys',
    summary: "This user's passkeys",
    access: 'signed-in',
    enabled: isOn,
    answers: { 200: () => z.array(passkey()) },
    audit: [],
    handler: async (call) => ({ status: 200, body: await listPasskeys(call.auth, (await asking(call)).user.id) }),
  }),
  route({
    method: 'PATCH',
    path: '/passkeys/:id',
    summary: 'Name a passkey',
    access: 'signed-in',
    enabled: isOn,
    params: idParams,
    body: z.strictObject({ name: text(80).nullable() }),
    answers: { 200: passkey },
    errors: ['NOT_FOUND'],
    audit: ['passkey.renamed'],
    handler: async (call) => ({ status: 200, body: await renamePasskey(call.auth, (await asking(call)).user.id, call.params.id, call.body.name) }),
  }),
  route({
    method: 'DELETE',
    path: '/passkeys/:id',
    summary: 'Remove a passkey; not the last way in',
    access: 'recent',
    enabled: isOn,
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND', 'LAST_CREDENTIAL'],
    audit: ['passkey.removed'],
    handler: async (call) => {
      await removePasskey(call.auth, (await asking(call)).user.id, call.params.id)
      return { status: 204 }
    },
  }),
]

async function asking({ auth, who }: { auth: AuthContext; who: Person }) {
  const user = await findUserById(auth, who.user.id)
  if (!user) throw new AuthError('UNAUTHENTICATED')
  return { user, sessionId: who.session.id }
}

/** In cookie transport the token of the ceremony is a cookie, so that the answer comes from the browser that asked. */
function answerStart({ auth, res, transport }: Pick<Call, 'auth' | 'res' | 'transport'>, begun: { options: object; ceremonyToken: string }): Answer {
  if (transport !== 'cookie') return { status: 200, body: begun }
  setCookie(auth, res, 'ceremony', begun.ceremonyToken, CEREMONY_SECONDS)
  return { status: 200, body: { options: begun.options } }
}
