import type { AuthContext } from '../../context.ts'

/** The pages that links in messages lead to. */
export type LinkPage = '/verify-email' | '/reset-password' | '/magic-link' | '/change-email' | '/invitations/accept'

/**
 * Where a link in a message leads: this router's page, or the same path of the app with `pages: 'app'`. From configuration only, never
 * from the request; undefined where `baseUrl` (or `appUrl`) is not set.
 */
export function linkTo({ options: { pages, baseUrl, appUrl } }: AuthContext, page: LinkPage, token: string): string | undefined {
  const base = pages === 'app' ? appUrl : baseUrl
  return base === undefined ? undefined : `${base}${page}?token=${encodeURIComponent(token)}`
}
