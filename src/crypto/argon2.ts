/** RFC 9106 parameters; memory in KiB. */
export interface Argon2Parameters {
  memoryCost: number
  timeCost: number
  parallelism: number
}

export interface Argon2 {
  /** A PHC string: argon2id, version 1.3, 16-byte salt, 32-byte tag. */
  hash: (password: string, parameters: Argon2Parameters, salt: Buffer) => Promise<string>
  verify: (hash: string, password: string) => Promise<boolean>
}

const ARGON2ID = 2

// Twice as fast here at the same parameters, so it is used where the app has installed it (docs/decisions/002).
async function loadNodeRs(): Promise<Argon2 | null> {
  try {
    const { hash, verify } = await import('@node-rs/argon2')
    return { hash: (password, parameters, salt) => hash(password, { ...parameters, algorithm: ARGON2ID, outputLen: 32, salt }), verify }
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

async function loadArgon2(): Promise<Argon2> {
  const { argon2id, hash, verify } = await import('argon2')
  return {
    hash: (password, parameters, salt) => hash(password, { ...parameters, type: argon2id, hashLength: 32, salt }),
    verify: (phc, password) => verify(phc, password),
  }
}

const isAbsent = (error: unknown) => ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String((error as { code?: unknown } | null)?.code))

/** The installed implementation, loaded at the first hash so that importing the package stays quick. */
export const loadArgon2Implementation = async (): Promise<Argon2> => (await loadNodeRs()) ?? (await loadArgon2())
