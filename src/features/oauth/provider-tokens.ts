import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt } from '../../crypto/encryption.ts'
import { identityContext } from '../../crypto/sealed-contexts.ts'
import { AuthError } from '../../errors.ts'
import type { Provider, ProviderTokens } from '../../provider.ts'
import { findProvider } from './find-provider.ts'
import type { IdentityRow } from './tables.ts'

/** Milliseconds before its end that a token counts as run out: what is asked with it takes a while. */
const EARLY_MS = 60_000
const PAUSES_MS = [0, 100, 400]

type Keeper = Pick<IdentityRow, 'id' | 'tokens'>

export interface ProviderAccess {
  accessToken: string
  /** Null where the provider does not say. */
  expiresAt: Date | null
  scope: string | null
}

const seal = (auth: AuthContext, id: string, tokens: ProviderTokens) => encrypt(auth.subkeys, JSON.stringify(tokens), identityContext(id), auth.random)

function open(auth: AuthContext, { id, tokens }: Keeper): ProviderTokens | null {
  const text = tokens === null ? null : decrypt(auth.subkeys, tokens, identityContext(id))
  return text === null ? null : (JSON.parse(text) as ProviderTokens)
}

/**
 * What the row of an identity holds from now on: nothing unless the provider's tokens are asked for. A sign-in that brings no refresh
 * token keeps the one there was: many providers give it at the first consent only.
 */
export function keptTokens(auth: AuthContext, { storeTokens }: Pick<Provider, 'storeTokens'>, row: Keeper, tokens: ProviderTokens | undefined): string | null {
  if (!storeTokens) return null
  if (!tokens) return row.tokens
  const refreshToken = tokens.refreshToken ?? open(auth, row)?.refreshToken
  return seal(auth, row.id, { ...tokens, ...(refreshToken !== undefined && { refreshToken }) })
}

/** Renewals under way in this process, one for each identity. */
const underWay = new WeakMap<AuthContext['process'], Map<string, Promise<ProviderTokens>>>()

/**
 * An access token for the provider's own API, of a user who signed in there with `storeTokens` on; renewed where it has run out. Never call
 * it with a transaction open: it may ask the provider. Throws NOT_FOUND where there is none, PROVIDER_ERROR where it cannot be renewed.
 */
export async function providerAccessToken(auth: AuthContext, userId: string, providerId: string): Promise<ProviderAccess> {
  const provider = findProvider(auth, providerId)
  const row = await newestOf(auth, userId, provider)
  const tokens = row && open(auth, row)
  if (!row || !tokens) throw new AuthError('NOT_FOUND')
  const hasRunOut = tokens.expiresAt !== undefined && tokens.expiresAt <= auth.now().getTime() + EARLY_MS
  return present(hasRunOut ? await renewOnce(auth, provider, row, tokens) : tokens)
}

async function newestOf(auth: AuthContext, userId: string, { key }: Provider): Promise<IdentityRow | undefined> {
  const rows = await auth.db.authIdentity.findMany({ where: { userId, provider: key }, orderBy: { createdAt: 'asc' } })
  return rows.filter(({ tokens }) => tokens !== null).at(-1)
}

const present = ({ accessToken, expiresAt, scope }: ProviderTokens): ProviderAccess => ({
  accessToken,
  expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  scope: scope ?? null,
})

function renewOnce(auth: AuthContext, provider: Provider, row: IdentityRow, old: ProviderTokens): Promise<ProviderTokens> {
  const all = underWay.get(auth.process) ?? new Map<string, Promise<ProviderTokens>>()
  underWay.set(auth.process, all)
  const running = all.get(row.id)
  if (running) return running
  const started = renew(auth, provider, row, old).finally(() => all.delete(row.id))
  all.set(row.id, started)
  return started
}

/** Another process may renew the same tokens at the same moment: whoever writes first is right, the other takes what it finds. */
async function renew(auth: AuthContext, provider: Provider, row: IdentityRow, old: ProviderTokens): Promise<ProviderTokens> {
  if (old.refreshToken === undefined) throw new AuthError('PROVIDER_ERROR', { cause: new Error(`${provider.id} gave no refresh token`) })
  const written = async () => {
    const now = await newestOf(auth, row.userId, provider)
    return now && now.id === row.id && now.tokens !== row.tokens ? open(auth, now) : null
  }
  // Whoever read the row before the last renewal ended comes here after it.
  const newer = await written()
  if (newer) return newer
  try {
    const renewed = { ...(old.scope !== undefined && { scope: old.scope }), ...(await provider.refresh(auth, old.refreshToken)) }
    const { count } = await auth.db.authIdentity.updateMany({ where: { id: row.id, tokens: row.tokens }, data: { tokens: seal(auth, row.id, renewed) } })
    return count === 1 ? renewed : ((await written()) ?? renewed)
  } catch (error) {
    // A refresh token works once at many providers; the one who lost that race waits for what the winner is about to write.
    for (const pause of error instanceof AuthError ? PAUSES_MS : []) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      const theirs = await written()
      if (theirs) return theirs
    }
    throw error
  }
}
