import type { JsonObject } from './json.ts'

/** A user as services give it; over HTTP times are ISO 8601 text. */
export interface User {
  id: string
  email: string | null
  emailVerified: boolean
  phone: string | null
  phoneVerified: boolean
  username: string | null
  mfaEnabled: boolean
  metadata: JsonObject
  createdAt: Date
}

/** What only services and administrators see. */
export interface UserRecord extends User {
  status: 'active' | 'suspended'
  suspendedUntil: Date | null
  suspendedReason: string | null
  lockedUntil: Date | null
  lastLoginAt: Date | null
  mustChangePassword: boolean
  hasPassword: boolean
  tenantId: string | null
  locale: string | null
  updatedAt: Date
}

export interface Session {
  id: string
  tenantId: string | null
  expiresAt: Date
  authenticatedAt: Date
  /** Authentication methods: `pwd`, `otp`, `sms` and `mfa` as RFC 8176 has them; `webauthn`, `fed`, `link` and `rcv` are ours (docs/mfa.md). */
  amr: string[]
  /** What the user.sessionData hook returned. */
  data: JsonObject
}

export interface SessionListing {
  id: string
  current: boolean
  ip: string | null
  userAgent: string | null
  device: string | null
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
  amr: string[]
}

export interface Tokens {
  accessToken: string
  tokenType: 'Bearer'
  /** Seconds. */
  expiresIn: number
  refreshToken: string
}

/** The signed-in answer. */
export interface SessionAnswer extends Tokens {
  status: 'signed_in'
  user: User
  session: Session
}

/** The answer of `/refresh`: no user. */
export type RefreshAnswer = Omit<SessionAnswer, 'user'>

/** Who the request is from. Read-only and shared by the requests that carry the same token. */
export interface RequestAuth {
  readonly user: { readonly id: string }
  /** `expiresAt` is the end of the token that the request carries, at most that of the session. */
  readonly session: { readonly id: string; readonly amr: readonly string[]; readonly authenticatedAt: Date; readonly expiresAt: Date } | null
  readonly tenantId: string | null
  readonly roles: readonly string[]
  readonly platformRoles: readonly string[]
  /** Who acts in the user's name. */
  readonly actor?: { readonly id: string }
  readonly via: 'bearer' | 'cookie' | 'api-key'
  /** Custom claims of the access token. */
  readonly claims: Readonly<Record<string, unknown>>
  /** The user as the database has it now, or null where it is gone. */
  getUser(): Promise<User | null>
  has(role: string): boolean
  /** What the roles grant, wildcards as they were given; of another guard than 'web', what the database has now. */
  getPermissions(of?: { guard?: string }): Promise<string[]>
  /** By the roles of the guard 'web'. */
  can(permission: string): boolean
}

/** Someone signed in by a session, as no API key is. */
export type Person = RequestAuth & { readonly session: NonNullable<RequestAuth['session']> }

/** What a host's Passport finds at `req.user`. */
export interface PassportUser {
  readonly id: string
  /** Null for an API key. */
  readonly sessionId: string | null
  readonly tenantId: string | null
  readonly roles: readonly string[]
}

export interface SignedIn extends RequestAuth {
  readonly signedIn: true
}
export interface SignedOut {
  readonly signedIn: false
}
