import type { AuthContext } from '../../src/context.ts'
import type { RequestAuth } from '../../src/shapes.ts'

type Module = typeof import('../../src/guards/request-context.ts')

/** The module as a new process has it, and an instance with that option. */
async function process(context?: boolean) {
  let module: Module | undefined
  await jest.isolateModulesAsync(async () => {
    module = await import('../../src/guards/request-context.ts')
  })
  const { runAs, currentAuth } = module as Module
  const warnings: string[] = []
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) }
  const auth = { process: {}, options: { context }, log } as unknown as AuthContext
  const who = (id: string) => ({ user: { id } }) as RequestAuth
  const ask = () => currentAuth(auth)?.user.id
  /** A request whose handler asks, after an await where it is `late`. */
  const request = (id: string, { late }: { late: boolean }) =>
    new Promise<string | undefined>((resolve) => {
      runAs(auth, who(id), async () => {
        if (late) await new Promise(setImmediate)
        resolve(ask())
      })
    })
  const quiet = (times: number) => {
    for (let i = 0; i < times; i++) runAs(auth, who('someone'), () => {})
  }
  return { request, quiet, ask, warnings }
}

test('who asks in the first thousand requests is told for good, before and after an await', async () => {
  const { request, quiet, ask, warnings } = await process()
  expect(ask()).toBeUndefined()
  quiet(3000)
  expect(await Promise.all([request('ada', { late: true }), request('bob', { late: true }), request('eve', { late: false })])).toEqual(['ada', 'bob', 'eve'])
  expect(ask()).toBeUndefined()
  expect(warnings).toEqual([])
})

test('who asks first after that is told at once, and after an await from the next request on; the log says so', async () => {
  const early = await process()
  early.quiet(1001)
  expect(await early.request('ada', { late: false })).toBe('ada')
  expect(await early.request('bob', { late: true })).toBe('bob')
  expect(early.warnings).toEqual([])
  const late = await process()
  late.quiet(1001)
  expect(await late.request('ada', { late: true })).toBeUndefined()
  expect(late.warnings).toEqual([expect.stringContaining('on from the next')])
  expect(await late.request('bob', { late: true })).toBe('bob')
  expect(late.warnings).toHaveLength(1)
})

test('context: true never lets go, context: false never answers', async () => {
  const always = await process(true)
  always.quiet(3000)
  expect(await always.request('ada', { late: true })).toBe('ada')
  const never = await process(false)
  never.quiet(1)
  expect(never.ask).toThrow(/context: false/)
})
