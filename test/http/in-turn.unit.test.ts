import { AsyncLocalStorage } from 'node:async_hooks'
import type { Request, Response } from 'express'
import { inTurn } from '../../src/http/in-turn.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('F-12: of a burst one goes on every few turns of the event loop, in order, each in the context it came in', async () => {
  const takesTurns = inTurn()
  const context = new AsyncLocalStorage<number>()
  const gone: [number, number | undefined][] = []
  const come = (i: number) => context.run(i, () => takesTurns({} as Request, {} as Response, () => void gone.push([i, context.getStore()])))
  for (const i of [1, 2, 3]) come(i)
  expect(gone).toEqual([[1, 1]])
  const wentAt: number[] = []
  for (let turns = 0; gone.length < 3; turns++) {
    const before = gone.length
    await turn()
    expect(gone.length - before).toBeLessThanOrEqual(1)
    if (gone.length > before) wentAt.push(turns)
    expect(turns).toBeLessThan(10)
  }
  expect(wentAt[1]! - wentAt[0]!).toBe(4)
  expect(gone).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
  for (let i = 0; i < 4; i++) await turn()
  come(4)
  expect(gone.at(-1)).toEqual([4, 4])
})
