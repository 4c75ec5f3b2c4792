import { types } from 'node:util'

/** One row for each code: its HTTP status and the sentence shown when nothing more exact is known. */
export const errorCodes = {
  VALIDATION_FAILED: { status: 422, detail: 'The request is not valid.' },
  PAYLOAD_TOO_LARGE: { status: 413, detail: 'The request body is too large.' },
  FEATURE_DISABLED: { status: 404, detail: 'This feature is not enabled.' },
  NOT_FOUND: { status: 404, detail: 'There is no such thing.' },
  UNAUTHENTICATED: { status: 401, detail: 'Sign in to continue.' },
  TOKEN_EXPIRED: { status: 401, detail: 'The access token has expired.' },
  TOKEN_INVALID: { status: 401, detail: 'The access token is not valid.' },
  SESSION_REVOKED: { status: 401, detail: 'This session has ended.' },
  INVALID_CREDENTIALS: { status: 401, detail: 'These credentials are not right.' },
  REFRESH_TOKEN_INVALID: { status: 401, detail: 'The refresh token is not valid.' },
  REFRESH_TOKEN_EXPIRED: { status: 401, detail: 'The session has expired. Sign in again.' },
  REFRESH_TOKEN_REUSED: { status: 401, detail: 'This refresh token was used before. The session has been ended.' },
  CODE_INVALID: { status: 401, detail: 'This code is not valid.' },
  LINK_INVALID: { status: 401, detail: 'This link is not valid. It may have been used or have expired.' },
  OAUTH_STATE_INVALID: { status: 401, detail: 'This sign-in has ended or was begun in another browser. Begin again.' },
  CEREMONY_INVALID: { status: 401, detail: 'This passkey request has ended. Begin again.' },
  MFA_TOKEN_INVALID: { status: 401, detail: 'This sign-in has ended. Begin again.' },
  API_KEY_INVALID: { status: 401, detail: 'This API key is not valid.' },
  FORBIDDEN: { status: 403, detail: 'You are not allowed to do this.' },
  PRIVILEGE_EXCEEDED: { status: 403, detail: 'You cannot give more than you may do yourself.' },
  CSRF_REJECTED: { status: 403, detail: 'The request came from another site.' },
  EMAIL_DOMAIN_BLOCKED: { status: 403, detail: 'Addresses of this domain cannot be used here.' },
  CAPTCHA_FAILED: { status: 403, detail: 'The check that you are a person did not succeed. Try again.' },
  TENANT_REQUIRED: { status: 403, detail: 'Choose a tenant first.' },
  TENANT_MISMATCH: { status: 403, detail: 'The request names another tenant than the session is in.' },
  TENANT_SUSPENDED: { status: 403, detail: 'This tenant is suspended.' },
  NOT_A_MEMBER: { status: 403, detail: 'You are not a member of this tenant.' },
  MFA_ENROLLMENT_REQUIRED: { status: 403, detail: 'Set up a second factor first.' },
  INVITATION_WRONG_ADDRESS: { status: 403, detail: 'This invitation is for another address.' },
  INVITATION_REQUIRED: { status: 403, detail: 'An invitation is needed to join.' },
  EMAIL_NOT_VERIFIED: { status: 403, detail: 'Confirm your email address first.' },
  PROVIDER_EMAIL_NOT_VERIFIED: { status: 403, detail: 'The provider does not vouch for this email address, and there is an account with it.' },
  PROVIDER_DENIED: { status: 403, detail: 'The provider was not allowed to sign you in.' },
  ACCOUNT_SUSPENDED: { status: 403, detail: 'This account is suspended.' },
  STEP_UP_REQUIRED: { status: 403, detail: 'Confirm that it is you to continue.' },
  SIGNUP_REJECTED: { status: 403, detail: 'This sign-up was not accepted.' },
  EMAIL_TAKEN: { status: 409, detail: 'This email address is already in use.' },
  PHONE_TAKEN: { status: 409, detail: 'This phone number is already in use.' },
  USERNAME_TAKEN: { status: 409, detail: 'This username is already in use.' },
  ROLE_TAKEN: { status: 409, detail: 'There is already a role of this name.' },
  SLUG_TAKEN: { status: 409, detail: 'This short name is already in use.' },
  IDENTITY_TAKEN: { status: 409, detail: 'This outside account is connected to another user.' },
  MEMBER_TAKEN: { status: 409, detail: 'The user is a member already.' },
  SEATS_TAKEN: { status: 409, detail: 'All places in this tenant are taken.' },
  LAST_OWNER: { status: 409, detail: 'A tenant keeps at least one owner.' },
  LAST_ADMIN: { status: 409, detail: 'The console keeps at least one administrator.' },
  LAST_CREDENTIAL: { status: 409, detail: 'This is the last way to sign in to the account.' },
  ROLE_IS_SYSTEM: { status: 409, detail: 'This role belongs to the system and cannot be changed so.' },
  ROLE_CYCLE: { status: 409, detail: 'A role cannot inherit itself, not even through others.' },
  MFA_REQUIRED: { status: 409, detail: 'A second factor is required here: the last one cannot be removed.' },
  PROVISION_CONFLICT: { status: 409, detail: 'There is such a user already, and not as asked for.' },
  INVITATION_INVALID: { status: 410, detail: 'This invitation is not valid. It may have been used, withdrawn or have expired.' },
  ALREADY_SIGNED_IN: { status: 409, detail: 'This is for guests only: you are signed in.' },
  CONFLICT: { status: 409, detail: 'Another request has just changed this. Try again.' },
  PASSWORD_TOO_WEAK: { status: 422, detail: 'This password is too easy to guess.' },
  PASSKEY_INVALID: { status: 422, detail: 'This passkey could not be added.' },
  PASSWORD_REUSED: { status: 422, detail: 'This password was used before. Choose another one.' },
  TOO_MANY_REQUESTS: { status: 429, detail: 'Too many requests. Try again later.' },
  TOO_MANY_ATTEMPTS: { status: 429, detail: 'Too many attempts. Try again later.' },
  INTERNAL_ERROR: { status: 500, detail: 'Something went wrong on the server.' },
  PROVIDER_ERROR: { status: 502, detail: 'The sign-in provider did not answer as it should. Try again later.' },
  UNAVAILABLE: { status: 503, detail: 'The service is not available at the moment. Try again shortly.' },
  BUSY: { status: 503, detail: 'The service is busy. Try again shortly.' },
} as const satisfies Record<string, { status: number; detail: string }>

export type AuthErrorCode = keyof typeof errorCodes

/** Members of the problem document beside the fixed ones (RFC 9457, section 3.2). */
export interface AuthErrorDetails {
  /** One sentence that is safe to show to a person. */
  detail?: string
  /** For a code of the app's own; 403 where it is left out. */
  status?: number
  /** Where the request was wrong. */
  errors?: readonly { path: string; message: string }[]
  /** Seconds; also sent as `Retry-After`. */
  retryAfter?: number
  /** For the log; never sent. */
  cause?: unknown
  [extension: string]: unknown
}

/** The JSON of an `application/problem+json` answer (RFC 9457). */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  [extension: string]: unknown
}

type OwnCode = string & Record<never, never>

const rowOf = (code: string): { status: number; detail: string } =>
  Object.hasOwn(errorCodes, code) ? errorCodes[code as AuthErrorCode] : { status: 403, detail: errorCodes.FORBIDDEN.detail }

const titleOf = (code: string) => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ')

/**
 * The only error this package throws on purpose. A `code` keeps its name and status between releases.
 * A hook may veto with a code of the app's own: `new AuthError('NOT_ON_THE_LIST', { detail: '…' })` answers 403.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode | OwnCode
  readonly status: number
  readonly details: Readonly<AuthErrorDetails>

  constructor(code: AuthErrorCode | OwnCode, details: AuthErrorDetails = {}) {
    super(details.detail ?? rowOf(code).detail, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = Object.hasOwn(errorCodes, code) ? rowOf(code).status : (details.status ?? 403)
    this.details = details
  }

  /** One sentence that is safe to show to a person. */
  get detail(): string {
    return this.message
  }

  /** The answer's body. Never holds `cause` or a stack. */
  toProblem(): Problem {
    const { cause: _cause, detail: _detail, status: _status, ...extensions } = this.details
    return { ...extensions, type: 'about:blank', title: titleOf(this.code), status: this.status, code: this.code, detail: this.message }
  }
}

/** VALIDATION_FAILED for one field; '' is the whole. */
export const invalidField = (path: string, message: string) => new AuthError('VALIDATION_FAILED', { errors: [{ path, message }] })

/** Also an error of another realm, as Node's own are where Jest runs an app. */
export const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value)
