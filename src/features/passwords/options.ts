import { availableParallelism } from 'node:os'
import * as z from 'zod'
import type { BuiltInVerifier, LegacyVerifier } from '../../crypto/legacy-hashes.ts'
import { duration } from '../../durations.ts'

const isVerifier = (value: unknown) => {
  const { id, matches, verify } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof matches === 'function' && typeof verify === 'function'
}
const builtIn: z.ZodType<BuiltInVerifier> = z.enum(['bcrypt', 'scrypt', 'pbkdf2'])
const verifier = z.union([builtIn, z.custom<LegacyVerifier>(isVerifier)], { error: "must be 'bcrypt', 'scrypt', 'pbkdf2' or { id, matches, verify }" })

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
    /** Refuses passwords made of the account's own address, name or number, of the app's name or hosts, or of what the user's tenants are called. */
    containsIdentifier: z.boolean().default(true),
    /** Tells whether a password is known from a breach: `pwnedPasswords()`, or your own. Where it fails, the password passes; throw an AuthError to refuse. */
    breached: z
      .union([z.literal(false), z.custom<(password: string) => boolean | Promise<boolean>>((value) => typeof value === 'function')], {
        error: 'must be false or a function such as pwnedPasswords()',
      })
      .default(false),
    /** How many of the passwords before, the present one included, may not be used again. */
    history: z.int().min(0).max(24).default(0),
    /** argon2id; memory in KiB. */
    argon2: z
      .strictObject({
        memoryCost: z.int().min(8).default(19456),
        timeCost: z.int().min(1).max(64).default(2),
        parallelism: z.int().min(1).max(16).default(1),
      })
      .prefault({}),
    /** Mixed into every password before hashing and kept outside the database, at least 32 bytes; several while one replaces another. Hashes of a former one, or of none, are replaced at sign-in. */
    pepper: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .transform((value) => [value].flat())
      .refine((keys) => keys.every((key) => Buffer.byteLength(key) >= 32), 'must be of at least 32 bytes'),
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

export const passwordResetOptions = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** 'both': one message with link and code; using one spends both. A phone always gets a code. */
    strategy: z.enum(['link', 'code', 'both']).default('link'),
    /** Of a link; at most an hour. */
    ttl: duration('1h').refine((seconds) => seconds >= 60 && seconds <= 3600, 'at most 60 minutes, at least a minute'),
  })
  .prefault({})
