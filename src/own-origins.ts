import type { ResolvedOptions } from './options.ts'

/** Whose pages are the app's own, put together once. */
export interface OwnOrigins {
  /** Of `appUrl`, and `trustedOrigins`. */
  readonly app: ReadonlySet<string>
  /** Of `baseUrl`. */
  readonly server: string | undefined
}

export const ownOrigins = ({ appUrl, baseUrl, trustedOrigins }: ResolvedOptions): OwnOrigins => ({
  app: new Set([...(appUrl === undefined ? [] : [new URL(appUrl).origin]), ...trustedOrigins]),
  server: baseUrl === undefined ? undefined : new URL(baseUrl).origin,
})
