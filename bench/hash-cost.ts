import { randomBytes } from 'node:crypto'
import { type Argon2, loadArgon2Implementation } from '../src/crypto/argon2.ts'
import type { HashCost } from './hashing.ts'
import { PASSWORD } from './password.ts'

const defaults = { memoryCost: 19456, timeCost: 2, parallelism: 1 }

async function npmArgon2(): Promise<Pick<Argon2, 'hash'>> {
  const { argon2id, hash } = await import('argon2')
  return { hash: (password, parameters, salt) => hash(password, { ...parameters, type: argon2id, hashLength: 32, salt }) }
}

/** The bare hash, in the process that is asked: by the implementation the package picks, or by npm's `argon2`. */
export async function hashCost({ times, implementation }: { times: number; implementation?: string }): Promise<HashCost> {
  const argon2 = implementation === 'npm argon2' ? await npmArgon2() : await loadArgon2Implementation()
  await argon2.hash(PASSWORD, defaults, randomBytes(16))
  const before = process.cpuUsage()
  const began = performance.now()
  for (let i = 0; i < times; i++) await argon2.hash(PASSWORD, defaults, randomBytes(16))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1000 / times, clock: (performance.now() - began) / times }
}
