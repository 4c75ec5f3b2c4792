import { type Argon2, type Argon2Parameters, loadArgon2Implementation } from './argon2.ts'
import type { LegacyVerifier } from './legacy-hashes.ts'
import { createPeppers } from './pepper.ts'
import { createWorkQueue } from './work-queue.ts'

export interface PasswordHasher {
  /** An argon2id PHC string. Throws BUSY where the queue is full. */
  readonly hash: (password: string) => Promise<string>
  /**
   * Whether the password made the hash, and whether the hash should be made anew. An account that does not exist or has no password
   * (null) costs one hash all the same. A legacy hash costs what its own kind costs, until the first sign-in replaces it.
   */
  readonly verify: (password: string, hash: string | null) => Promise<{ matches: boolean; needsRehash: boolean }>
  /** Whether `verify` could tell: an argon2 hash within bounds, or one of a legacy kind that is switched on. */
  readonly knows: (hash: string) => boolean
  /**
   * Runs work that will hash when its turn comes, or throws BUSY at once where as much as the queue holds is under way: before any query (F-12).
   * `patience`: ms that it may still wait for anything else.
   */
  readonly admit: <T>(work: (patience: number) => Promise<T>) => Promise<T>
}

interface Settings {
  argon2: Argon2Parameters
  maxConcurrent: number
  maxQueue: number
  legacy: readonly LegacyVerifier[]
  /** Keys kept outside the database; the first is used, all verify. */
  peppers?: readonly string[]
  random: (bytes: number) => Uint8Array
}

/** NIST SP 800-63B-4, 3.1.1.2: NFC, so that two keyboards that write one character in two ways agree. Nothing else is changed. */
export const normalizePassword = (password: string) => password.normalize('NFC')

const phc = /^\$argon2(id|i|d)\$v=(\d+)\$m=(\d+),(?:t=(\d+),p=(\d+)|p=(\d+),t=(\d+))(?:,keyid=([A-Za-z0-9+/]{1,11}))?\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{11,}$/

// A stored hash could name parameters that eat the memory; what an import brings is not trusted that far.
const MOST_MEMORY_KIB = 1024 * 1024
const MOST_PASSES = 64

function readParameters(hash: string) {
  const [, type, version, memory, time = '', lanes = '', lanes2, time2, keyid] = phc.exec(hash) ?? []
  if (!type) return null
  const parameters = { memoryCost: Number(memory), timeCost: Number(time || time2), parallelism: Number(lanes || lanes2) }
  return parameters.memoryCost <= MOST_MEMORY_KIB && parameters.timeCost <= MOST_PASSES ? { type, version: Number(version), parameters, keyid } : null
}

// Enough that a hash can begin whenever one ends, few enough that sign-ins under way do not take the whole connection pool.
const STARTED_FOR_EACH_HASH = 4
// All that a request may wait, for its turn and then for a connection (F-03); who waited long for the first still gets this much for the second.
const PATIENCE_MS = 1700
const LEAST_PATIENCE_MS = 150

export function createPasswordHasher(settings: Settings): PasswordHasher {
  const { maxConcurrent, maxQueue } = settings
  const queue = createWorkQueue(maxConcurrent, maxQueue)
  const all = maxConcurrent + maxQueue
  const started = Math.min(all, maxConcurrent * STARTED_FOR_EACH_HASH)
  const admission = createWorkQueue(started, all - started, PATIENCE_MS)
  const { hash, verify, knows } = createHashing(settings)
  return {
    hash: (password) => queue.run(() => hash(password)),
    verify: (password, stored) => queue.run(() => verify(password, stored)),
    knows,
    admit: (work) => admission.run((waited) => work(Math.max(LEAST_PATIENCE_MS, PATIENCE_MS - waited))),
  }
}

/** Hashing itself, without a queue. */
function createHashing({ argon2, legacy, random, peppers: keys = [] }: Settings) {
  const peppers = createPeppers(keys)
  let implementation: Promise<Argon2> | undefined
  const load = () => (implementation ??= loadArgon2Implementation())
  const hash = async (password: string) => {
    const mixed = peppers.mix(normalizePassword(password))
    return peppers.mark(await (await load()).hash(mixed, argon2, Buffer.from(random(16))))
  }
  const isCurrent = ({ type, version, parameters, keyid }: NonNullable<ReturnType<typeof readParameters>>) =>
    type === 'id' &&
    version === 19 &&
    parameters.memoryCost === argon2.memoryCost &&
    parameters.timeCost === argon2.timeCost &&
    parameters.parallelism === argon2.parallelism &&
    keyid === peppers.currentId

  const verify = async (password: string, stored: string | null) => {
    const parameters = stored === null ? null : readParameters(stored)
    const mix = parameters ? peppers.mixFor(parameters.keyid) : undefined
    if (stored !== null && parameters && mix) {
      const matches = await (await load()).verify(peppers.unmark(stored), mix(normalizePassword(password)))
      return { matches, needsRehash: !isCurrent(parameters) }
    }
    const verifier = stored === null ? undefined : legacy.find((one) => one.matches(stored))
    if (stored !== null && verifier) return { matches: await verifier.verify(password, stored), needsRehash: true }
    await hash(password)
    return { matches: false, needsRehash: false }
  }
  const knows = (stored: string) => {
    const parameters = readParameters(stored)
    return parameters ? peppers.mixFor(parameters.keyid) !== undefined : legacy.some((one) => one.matches(stored))
  }
  return { hash, verify, knows }
}
