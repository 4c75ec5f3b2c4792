import type { TestClient } from './databases.ts'

export interface Faults {
  fault?: () => unknown
  /** The call that fails, such as 'authUser.findUnique'; every call where it is left out. */
  only?: string
  /** Which of the calls since `calls` was emptied; any where it is left out. */
  at?: number
  times: number
  /** What was called. */
  calls: string[]
}

export const coded = (code: string) => () => Object.assign(new Error(`stub ${code}`), { code, name: 'PrismaClientKnownRequestError' })

// What goes on beside requests: the outbox and the reading of the feed.
const beside = new Set(['authMessage.findMany', 'authMessage.updateMany', 'authChange.findMany'])

/** A client whose every call of a model may be made to fail. */
export function breakable(client: TestClient) {
  const state: Faults = { times: Number.POSITIVE_INFINITY, calls: [] }
  const isHit = (called: string) => {
    // A single row goes in by the one or the other, as the dialect has it.
    const call = called.replace('createMany', 'create')
    const isNamed = state.at === undefined ? !state.only || call === state.only : !beside.has(call) && state.at === state.calls.length
    if (state.at !== undefined && !beside.has(call)) state.calls.push(call)
    return state.fault !== undefined && isNamed && state.times-- > 0
  }
  const wrap = (target: object): object =>
    new Proxy(target, {
      get: (inner, name) => {
        const value = Reflect.get(inner, name)
        if (name === '$transaction')
          return (work: (tx: object) => unknown, options: object) => (value as any).call(inner, (tx: object) => work(wrap(tx)), options)
        if (typeof name !== 'string' || !name.startsWith('auth') || typeof value !== 'object') return value
        return new Proxy(value as object, {
          get: (model, method) => {
            const call = Reflect.get(model, method)
            if (typeof call !== 'function') return call
            return (...args: unknown[]) => (isHit(`${name}.${String(method)}`) ? Promise.reject(state.fault!()) : call.apply(model, args))
          },
        })
      },
    })
  return { prisma: wrap(client) as TestClient, state }
}
