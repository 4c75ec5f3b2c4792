export { type Auth, createAuth, type TransactionServices } from './create-auth.ts'
export { type FirebaseParameters, firebaseScrypt } from './crypto/firebase-scrypt.ts'
export type { AuthPrismaClient } from './database.ts'
export {
  authRouter,
  optionalAuth,
  requireAuth,
  requireGuest,
  requireMfa,
  requirePermission,
  requireRole,
  requireStepUp,
  requireTenant,
  requireVerifiedEmail,
  sameOrigin,
} from './default-instance.ts'
export { AuthError, type AuthErrorCode, type AuthErrorDetails, errorCodes, type Problem } from './errors.ts'
export { type AuthEvents, type EventName, type EventPayloads, eventNames } from './events.ts'
export type { ConfirmMethod } from './feature.ts'
export type { NewApiKey } from './features/api-keys/create-api-key.ts'
export type { ApiKey } from './features/api-keys/list-api-keys.ts'
export type { AuditQuery, AuditRecord } from './features/audit/query-audit.ts'
export type { ImportedUser, ImportOptions, ImportProgress } from './features/import/import-users.ts'
export type { KeyListing } from './features/keys/rotate-key.ts'
export { consoleMailer } from './features/messages/console-mailer.ts'
export type { Mailer, MessageData, MessageKind, OutgoingMessage, Rendered, Template, TemplateInput } from './features/messages/kinds.ts'
export type { MessageRecord } from './features/messages/list-messages.ts'
export type { FactorType, MfaFactor } from './features/mfa/factors.ts'
export type { MfaStatus } from './features/mfa/status.ts'
export type { Identity } from './features/oauth/identities.ts'
export type { Passkey } from './features/passkeys/present-passkey.ts'
export { type PwnedPasswordsOptions, pwnedPasswords } from './features/passwords/pwned-passwords.ts'
export type { RoleTarget } from './features/rbac/assign-role.ts'
export type { Permission, PermissionDefinition } from './features/rbac/manage-permissions.ts'
export type { NewRole, Role, RoleUpdate } from './features/rbac/manage-roles.ts'
export type { Tenant } from './features/tenants/find-tenant.ts'
export type { Member } from './features/tenants/list-members.ts'
export type { Membership } from './features/tenants/manage-members.ts'
export type { NewTenant, TenantUpdate } from './features/tenants/manage-tenants.ts'
export type { TrustedDevice } from './features/trusted-devices/trust-device.ts'
export type { Guard } from './guards/as-guard.ts'
export { type AuthedRequest, authed, getAuth } from './guards/get-auth.ts'
export type { TenantRequirement } from './guards/require-tenant.ts'
export type { PermissionRequirement, RoleRequirement } from './guards/requirements.ts'
export type { StepUpRequirement } from './guards/step-up.ts'
export type { AuthHooks, HookContext, HookName } from './hooks.ts'
export { authErrorHandler } from './http/problem.ts'
export type { Json, JsonArray, JsonObject } from './json.ts'
export type { Logger } from './logger.ts'
export type { AuthOptions } from './options.ts'
export type { Page } from './paging.ts'
export type { Assertion, Provider, ProviderTokens } from './provider.ts'
export { apple } from './providers/apple.ts'
export { github } from './providers/github.ts'
export { google } from './providers/google.ts'
export { type OAuthOptions, type OAuthProfile, oauth } from './providers/oauth.ts'
export { oidc } from './providers/oidc.ts'
export type { AppleOptions, GithubOptions, GoogleOptions, OidcOptions } from './providers/options.ts'
export type { AuthServices } from './services.ts'
export type { RefreshAnswer, RequestAuth, Session, SessionAnswer, SessionListing, SignedIn, SignedOut, Tokens, User, UserRecord } from './shapes.ts'
export type { PendingAnswer, SignInAnswer } from './sign-in.ts'
