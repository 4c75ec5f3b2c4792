import type { AuthContext } from '../../context.ts'

/** What the app calls itself towards people: `messages.appName`, else its host. */
export const appName = ({ options: { messages, appUrl, baseUrl } }: Pick<AuthContext, 'options'>) =>
  messages.appName ?? (appUrl !== undefined ? new URL(appUrl).hostname : baseUrl !== undefined ? new URL(baseUrl).hostname : 'your account')
