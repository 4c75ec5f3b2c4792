import { AuthError } from './errors.ts'

/** What services take by these names is text. */
const named = /^(id|tenant|role|guard|name|slug|email|phone|username|search|cursor|event|category|status|except|reason|token|password|\w+Id)$/

/** And by these, a time. */
const dated = /^(until|from|to)$/
const isTime = (value: unknown) => value instanceof Date && !Number.isNaN(value.getTime())

type Leading = number | readonly [least: number, most: number]

/**
 * A service that refuses anything but text where it is told whose or which. Apps hand on what a request held, and an object there would be a
 * condition of Prisma's: `{ not: 'x' }` means everybody. Likewise anything but a Date where it is told when. `leading`: how many
 * arguments of a method, from the first, are text, where it is not one; of two numbers, those between the first and the second may be left out.
 */
export function onlyText<Service extends object>(service: Service, leading: { readonly [Method in keyof Service]?: Leading }): Service {
  const guarded = Object.entries(service).map(([method, run]) => {
    const count = leading[method as keyof Service] ?? 1
    const call = (...args: unknown[]) => {
      const refusal = refusalOf(method, args, count)
      return refusal ? Promise.reject(refusal) : run(...args)
    }
    return [method, call]
  })
  return Object.fromEntries(guarded) as Service
}

/** The same for a method that gives one text after the other: it refuses before the first. */
export async function* textFirst<Query>(method: string, query: Query, run: (query: Query) => AsyncGenerator<string, void, undefined>) {
  const refusal = refusalOf(method, [query], 0)
  if (refusal) throw refusal
  yield* run(query)
}

function refusalOf(method: string, args: readonly unknown[], leading: Leading): AuthError | undefined {
  const path = wrongArgument(args, typeof leading === 'number' ? [leading, leading] : leading)
  if (path !== undefined) return refused(`${method}(): ${shown(path)} must be text.`, path, 'must be text')
  const time = wrongField(args, (name, value) => dated.test(name) && !isTime(value))
  return time === undefined ? undefined : refused(`${method}(): ${shown(time)} must be a Date.`, time, 'must be a Date')
}

/** The path of an argument is its index. */
const shown = (path: string) => (/^\d+$/.test(path) ? `argument ${Number(path) + 1}` : `'${path}'`)

const refused = (detail: string, path: string, message: string) => new AuthError('VALIDATION_FAILED', { detail, errors: [{ path, message }] })

function wrongArgument(args: readonly unknown[], [least, most]: readonly [number, number]): string | undefined {
  for (let i = 0; i < most; i++) if (typeof args[i] !== 'string' && !(i >= least && args[i] === undefined)) return String(i)
  return wrongField(args, (name, value) => named.test(name) && typeof value !== 'string')
}

/** The first field of an argument, among those that are given, that is wrong. */
function wrongField(args: readonly unknown[], isWrong: (name: string, value: unknown) => boolean): string | undefined {
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue
    const wrong = Object.entries(arg).find(([name, value]) => value !== undefined && value !== null && isWrong(name, value))
    if (wrong) return wrong[0]
  }
  return undefined
}
