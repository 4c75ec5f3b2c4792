import * as z from 'zod'
import type { Provider } from '../../provider.ts'

const isProvider = (value: unknown) => {
  const { id, begin, finish, problems } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof begin === 'function' && typeof finish === 'function' && Array.isArray(problems)
}

/** Where people may sign in, each made by `google()`, `github()`, `apple()`, `oidc()` or `oauth()`. */
export const providerOptions = z.array(z.custom<Provider>(isProvider, 'must come from google(), github(), apple(), oidc() or oauth()')).default([])
