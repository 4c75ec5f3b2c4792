import { availableParallelism } from 'node:os'
import * as z from 'zod'
import type { BuiltInVerifier, LegacyVerifier } from '../../crypto/legacy-hashes.ts'

const isVerifier = (value: unknown) => {
  const { id, matches, verify } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof matches === 'function' && typeof verify === 'function'
}
const builtIn: z.ZodType<BuiltInVerifier> = z.enum(['bcrypt', 'scrypt', 'pbkdf2'])
const verifier = z.union([builtIn, z.custom<LegacyVerifier>(isVerifier, 'must be bcrypt, scrypt, pbkdf2 or { id, matches, verify }')])

// OWASP's password storage cheat sheet: equal defence, memory traded for passes.
const owaspMinimums = [
  [47104, 1],
  [19456, 2],
  [12288, 3],
  [9216, 4],
  [7168, 5],
] as const
const isStrong = ({ memoryCost, timeCost }: { memoryCost: number; timeCost: number }) =>
  owaspMinimums.some(([memory, passes]) => memoryCost >= memory && timeCost >= passes)

// Hashing shares libuv's four threads with files and DNS, so it never takes all of them.
const threads = Math.min(Math.max(1, availableParallelism()), Number(process.env.UV_THREADPOOL_SIZE ?? 4) - 1)

export const passwordOptions = z
  .strictObject({
    /** In code points. NIST SP 800-63B-4 asks for 15 where the password is the only factor. */
    minLength: z.int().min(8).max(128).default(8),
    /** In code points. */
    maxLength: z.int().min(64).max(1024).default(128),
    /** Refuses passwords that are among the most common, keyboard walks and repetitions. */
    common: z.boolean().default(true),
    /** Refuses passwords made of the account's own address, name or number. */
    containsIdentifier: z.boolean().default(true),
    /** argon2id; memory in KiB. */
    argon2: z
      .strictObject({
        memoryCost: z.int().min(8).default(19456),
        timeCost: z.int().min(1).max(64).default(2),
        parallelism: z.int().min(1).max(16).default(1),
      })
      .prefault({}),
    /** Hashes at once. */
    maxConcurrent: z.int().min(1).default(Math.max(1, threads)),
    /** Hashes that may wait; beyond that the answer is 503 BUSY. */
    maxQueue: z.int().min(0).default(64),
    /** Lets tests hash below OWASP's minimum. */
    allowWeakHash: z.boolean().default(false),
    /** Hashes of other systems that are accepted, and replaced at the first sign-in. */
    verifyLegacy: z.array(verifier).default([]),
  })
  .refine((password) => password.allowWeakHash || isStrong(password.argon2), {
    path: ['argon2'],
    message: 'is below the OWASP minimum (19456 KiB with 2 passes, or 47104 with 1); allowWeakHash: true permits it in tests',
  })
  .refine((password) => password.minLength <= password.maxLength, { path: ['minLength'], message: 'is above maxLength' })
  .prefault({})
