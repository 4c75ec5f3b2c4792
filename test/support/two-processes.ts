import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Backend } from '../../src/backend.ts'

/**
 * `LATCHKEY_TEST_PROCESSES=2`: every app of the suite is two instances with clients of their own, behind a round robin without stickiness (F-24). They share a database
 * and word of changes, as processes with Redis do; nothing else.
 */
export const isDoubled = process.env.LATCHKEY_TEST_PROCESSES === '2'

/** A test of what one process keeps in its memory. */
export const alone = isDoubled ? test.skip : test

// Longer than an instance takes to read what it has been told of.
const SETTLED_MS = 40

export interface Bus extends Backend {
  /** Until what was announced last is read. */
  settled: () => Promise<void>
}

export function createBus(now: () => Date): Bus {
  const listeners = new Set<() => void>()
  const counters = new Map<string, { hits: number; until: number }>()
  let announcedAt = Number.NEGATIVE_INFINITY
  return {
    count: async (key, windowMs) => {
      const at = now().getTime()
      const known = counters.get(key)
      const counter = known && known.until > at ? known : { hits: 0, until: at + windowMs }
      counter.hits++
      counters.set(key, counter)
      return { hits: counter.hits, msLeft: counter.until - at }
    },
    uncount: async (key, all) => {
      const known = counters.get(key)
      if (all) counters.delete(key)
      else if (known) known.hits--
    },
    announce: async () => {
      announcedAt = performance.now()
      for (const listener of listeners) listener()
    },
    listen: async (listener, signal) => {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
    settled: async () => {
      const left = announcedAt + SETTLED_MS - performance.now()
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left))
    },
  }
}

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** One server before both, which takes turns. */
export function roundRobin(handlers: readonly Handler[], bus: Bus): Server {
  let turn = 0
  return createServer((req, res) => {
    const handle = handlers[turn++ % handlers.length]
    void bus.settled().then(() => handle?.(req, res))
  })
}
