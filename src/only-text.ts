import { AuthError } from './errors.ts'

/** What services take by these names is text. */
const named = /^(id|tenant|role|guard|name|slug|email|phone|username|search|cursor|event|category|status|except|reason|token|password|\w+Id)$/

/**
 * A service that refuses anything but text where it is told whose or which. Apps hand on what a request held, and an object there would be a
 * condition of Prisma's: `{ not: 'x' }` means everybody. `leading`: how many
 * arguments of a method, from the first, are text, where it is not one.
 */
export function onlyText<Service extends object>(service: Service, leading: { readonly [Method in keyof Service]?: number }): Service {
  const guarded = Object.entries(service).map(([method, run]) => {
    const count = leading[method as keyof Service] ?? 1
    const call = (...args: unknown[]) => {
      const wrong = wrongArgument(args, count)
      return wrong === undefined ? run(...args) : Promise.reject(refusal(method, wrong))
    }
    return [method, call]
  })
  return Object.fromEntries(guarded) as Service
}

function wrongArgument(args: readonly unknown[], count: number): string | undefined {
  for (let i = 0; i < count; i++) if (typeof args[i] !== 'string') return String(i)
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue
    const wrong = Object.entries(arg).find(([name, value]) => named.test(name) && value !== undefined && value !== null && typeof value !== 'string')
    if (wrong) return wrong[0]
  }
  return undefined
}

const refusal = (method: string, path: string) =>
  new AuthError('VALIDATION_FAILED', { detail: `${method} was not told by text whose or which.`, errors: [{ path, message: 'must be text' }] })
