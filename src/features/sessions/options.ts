import * as z from 'zod'
import { duration, lasting, optionalDuration } from '../../durations.ts'

export const sessionOptions = z
  .strictObject({
    /** Longest life of a session, however much it is used. */
    ttl: lasting('30d'),
    /** A session that goes unused this long ends. Left out: it may rest until `ttl`. */
    idleTtl: optionalDuration(),
    /** Longest life where the person asked to be remembered. Left out: `ttl`. */
    rememberTtl: optionalDuration(),
    /** Live sessions a user may have; the one unused longest is ended for a new one. */
    maxPerUser: z.int().min(1).max(1000).default(10),
    /** How long a refresh token's predecessor still gets the same successor, so that two tabs may race. At most a minute. */
    refreshGrace: duration('10s').refine((seconds) => seconds <= 60, 'at most 60 seconds'),
    /** 'feed': revocations arrive through the change feed, no query for a request. 'database': one statement for each request. */
    check: z.enum(['feed', 'database']).default('feed'),
  })
  .prefault({})

export const tokenOptions = z
  .strictObject({
    /** Life of an access token; never beyond its session's. At most an hour. */
    accessTtl: duration('15m').refine((seconds) => seconds >= 10 && seconds <= 3600, 'between 10 seconds and an hour'),
    algorithm: z.enum(['EdDSA', 'ES256', 'RS256', 'HS256']).default('EdDSA'),
    /** `iss`. Default: `baseUrl`, or 'latchkey' where there is none. */
    issuer: z.string().min(1).max(512).optional(),
    /** `aud`. Default: the issuer. */
    audience: z.string().min(1).max(512).optional(),
    /** How long a signing key signs before the next takes over. */
    rotateKeysEvery: duration('90d').refine((seconds) => seconds >= 3600, 'at least an hour'),
  })
  .prefault({})
