import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt, keyIdOf } from '../../crypto/encryption.ts'
import { type Algorithm, importSigningKey, importVerificationKey, type Jwk, type SigningKey, type VerificationKey } from '../../crypto/signing-key.ts'
import { createKey, OVERLAP_SECONDS } from './create-key.ts'
import type { SigningKeyRow } from './tables.ts'

/** This process's view of the key table; a key is imported once. */
export interface SigningKeys {
  /** The key that verifies `kid`, where this process has it. */
  readonly verifier: (kid: string) => VerificationKey | undefined
  /** The key to sign with, made where there is none yet. */
  readonly current: (auth: AuthContext) => Promise<SigningKey>
  /** Reads the table anew; for a kid that is not known, at most once in five seconds. */
  readonly reload: (auth: AuthContext, why: 'changed' | 'unknown kid') => Promise<void>
  readonly rows: () => readonly SigningKeyRow[]
}

interface Loaded {
  row: SigningKeyRow
  verifier: VerificationKey | undefined
  signer: SigningKey | undefined
}

const RELOAD_MS = 5000
const withRow = (known: Loaded | undefined, row: SigningKeyRow) => known && { ...known, row }

export function createSigningKeys(): SigningKeys {
  let loaded = new Map<string, Loaded>()
  let loading: Promise<void> | undefined
  let loadedAt = Number.NEGATIVE_INFINITY
  let making: Promise<void> | undefined
  /** Made in transactions of the app's, which may yet be rolled back: they sign there and nowhere else until a reading outside finds them. */
  const unsettled = new Set<string>()

  const load = async (auth: AuthContext) => {
    const found = await readRows(auth)
    if (!auth.inTransaction) for (const { kid } of found) unsettled.delete(kid)
    const rows = found.filter(({ kid }) => !unsettled.has(kid))
    const before = loaded
    loaded = new Map(rows.map((row) => [row.kid, withRow(before.get(row.kid), row) ?? importRow(auth, row)]))
    // What a key has signed ends with it, though it was verified before.
    if ([...before.keys()].some((kid) => !loaded.has(kid))) auth.process.tokens.clear()
    if (!auth.inTransaction) loadedAt = performance.now()
    for (const row of rows) await reseal(auth, row)
  }
  const reload: SigningKeys['reload'] = (auth, why) => {
    if (why === 'unknown kid' && performance.now() - loadedAt < RELOAD_MS) return Promise.resolve()
    if (auth.inTransaction) return load(auth) // nobody else waits for a transaction of the app's
    loading ??= load(auth).finally(() => {
      loading = undefined
    })
    return loading
  }
  /** One maker at a time in this process; between processes the table's unique sequence decides. */
  const make = (auth: AuthContext, activatesAt: Date) =>
    (making ??= createKey(auth, activatesAt, (kid) => loaded.has(kid))
      .then(() => load(auth))
      .finally(() => {
        making = undefined
      }))

  const makeWithin = async (auth: AuthContext): Promise<SigningKey> => {
    const read = async () => newest(new Map((await readRows(auth)).map((row) => [row.kid, importRow(auth, row)])), auth)
    const own = await read()
    if (own) return own.signer
    const kid = await createKey(auth, auth.now(), (kid) => loaded.has(kid))
    if (kid !== null) unsettled.add(kid)
    const made = await read()
    if (!made) throw new Error('no signing key could be made')
    return made.signer
  }

  const current: SigningKeys['current'] = async (auth) => {
    if (loaded.size === 0) await reload(auth, 'changed')
    const key = newest(loaded, auth)
    if (!key && auth.inTransaction) return makeWithin(auth)
    if (!key) {
      await make(auth, auth.now())
      // What another process made a moment ago may not fit here (another algorithm, another secret): it is known now, so make one.
      if (!newest(loaded, auth)) await make(auth, auth.now())
      const made = newest(loaded, auth)
      if (!made) throw new Error('no signing key could be made')
      return made.signer
    }
    if (isDue(key.row, loaded, auth)) void prepareNext(auth, key.row, make)
    return key.signer
  }
  return {
    verifier: (kid) => loaded.get(kid)?.verifier,
    current,
    reload,
    rows: () => [...loaded.values()].map(({ row }) => row),
  }
}

const readRows = (auth: AuthContext) => auth.db.authSigningKey.findMany({ where: { expiresAt: { gt: auth.now() } }, orderBy: { sequence: 'asc' } })

function importRow(auth: AuthContext, row: SigningKeyRow): Loaded {
  const algorithm = row.algorithm as Algorithm
  const privateKey = decrypt(auth.subkeys, row.privateKey, `signing-key:${row.kid}`)
  if (privateKey !== null) {
    const signer = importSigningKey(row.kid, algorithm, privateKey)
    return { row, signer, verifier: signer }
  }
  // Made under a secret that is gone: its tokens can still be verified, but another key has to sign.
  auth.log.warn({ kid: row.kid }, 'a signing key does not decrypt under any of the secrets; it is used for verifying only')
  const verifier = row.publicJwk ? importVerificationKey(row.kid, algorithm, row.publicJwk as Jwk) : undefined
  return { row, signer: undefined, verifier }
}

/** Puts a private key under the present secret, where a former one sealed it (F-07). What fails is done when the keys are next read. */
async function reseal(auth: AuthContext, { id, kid, privateKey }: SigningKeyRow) {
  const text = keyIdOf(privateKey) === auth.subkeys.current.id ? null : decrypt(auth.subkeys, privateKey, `signing-key:${kid}`)
  if (text === null || auth.inTransaction) return
  const sealed = encrypt(auth.subkeys, text, `signing-key:${kid}`, auth.random)
  try {
    await auth.db.authSigningKey.updateMany({ where: { id, privateKey }, data: { privateKey: sealed } })
  } catch (err) {
    auth.log.warn({ err }, 'a signing key could not be put under the present secret')
  }
}

function newest(loaded: ReadonlyMap<string, Loaded>, auth: AuthContext): { row: SigningKeyRow; signer: SigningKey } | undefined {
  const now = auth.now()
  let found: { row: SigningKeyRow; signer: SigningKey } | undefined
  for (const { row, signer } of loaded.values()) {
    const fits = signer && row.algorithm === auth.options.tokens.algorithm && row.state === 'live' && row.activatesAt <= now && row.retiresAt > now
    if (fits && (!found || row.sequence > found.row.sequence)) found = { row, signer }
  }
  return found
}

/** Its end is near and nobody has made the next one, which is published before it signs. */
function isDue(row: SigningKeyRow, loaded: ReadonlyMap<string, Loaded>, auth: AuthContext) {
  if (row.retiresAt.getTime() - auth.now().getTime() > OVERLAP_SECONDS * 1000) return false
  return ![...loaded.values()].some((other) => other.row.sequence > row.sequence && other.row.algorithm === row.algorithm)
}

async function prepareNext(auth: AuthContext, row: SigningKeyRow, make: (auth: AuthContext, activatesAt: Date) => Promise<void>) {
  try {
    await make(auth.process.base(), row.retiresAt)
  } catch (err) {
    auth.log.error({ err }, 'the next signing key could not be made')
  }
}
