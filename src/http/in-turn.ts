import { AsyncResource } from 'node:async_hooks'
import type { RequestHandler } from 'express'

// In each turn Node takes one new connection (libuv since 1.45); with turns in between, a crowd of them is let in before its requests are all worked on.
const TURNS_FOR_EACH = 4

const afterTurns = (turns: number, then: () => void): void => void setImmediate(turns > 1 ? () => afterTurns(turns - 1, then) : then)

/** Lets one request through every few turns of the event loop, the rest after it in their order: a burst of costly ones keeps no other route waiting (F-12). */
export function inTurn(): RequestHandler {
  const waiting: (() => void)[] = []
  let isTaken = false
  const turn = () => {
    const goOn = waiting.shift()
    isTaken = goOn !== undefined
    if (!goOn) return
    afterTurns(TURNS_FOR_EACH, turn)
    goOn()
  }
  return function latchkeyTurn(_req, _res, next) {
    // Bound, so that what the app keeps for a request in an AsyncLocalStorage stays that request's.
    if (isTaken) return void waiting.push(AsyncResource.bind(() => next()))
    isTaken = true
    afterTurns(TURNS_FOR_EACH, turn)
    next()
  }
}
