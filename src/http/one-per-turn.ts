import { AsyncResource } from 'node:async_hooks'
import type { RequestHandler } from 'express'

/** Lets one request through in each turn of the event loop, the rest after it in their order: a burst of costly ones keeps no other route waiting (F-12). */
export function onePerTurn(): RequestHandler {
  const waiting: (() => void)[] = []
  let isTaken = false
  const turn = () => {
    const goOn = waiting.shift()
    isTaken = goOn !== undefined
    if (!goOn) return
    setImmediate(turn)
    goOn()
  }
  return function latchkeyTurn(_req, _res, next) {
    // Bound, so that what the app keeps for a request in an AsyncLocalStorage stays that request's.
    if (isTaken) return void waiting.push(AsyncResource.bind(() => next()))
    isTaken = true
    setImmediate(turn)
    next()
  }
}
