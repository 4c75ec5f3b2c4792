import type { Backend } from '../backend.ts'
import { breaker } from './breaker.ts'
import { type Connection, connectionOf, type RedisClient } from './connection.ts'

export type { RedisClient } from './connection.ts'

export interface RedisBackendOptions {
  /** Goes before every key and channel; default 'latchkey'. One for each app that shares a Redis. */
  prefix?: string
}

// The time to live is set with the first hit, and again should it ever be missing.
const COUNT = `local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { hits, left }`
const UNCOUNT = `if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0`

/**
 * Rate-limit counters and word of changes for several processes, over a connected node-redis (5 or later) or ioredis (5 or later) client: `createAuth({ backend: redisBackend(client) })`. The
 * client stays the app's, to close as well; listening takes a connection of its own. Nothing is kept in Redis that matters when it is flushed (F-04): sessions,
 * locks of accounts and the change feed are the database's. Throws a TypeError for any other client.
 */
export function redisBackend(client: RedisClient, { prefix = 'latchkey' }: RedisBackendOptions = {}): Backend {
  const connection: Connection = connectionOf(client)
  const guarded = breaker()
  const announce = oneAtATime(() => whileReady(['PUBLISH', channel, '1']))
  const channel = `${prefix}:changes`
  // A client that is away would keep commands for later, without end.
  const whileReady = (command: string[]) => (connection.isReady() ? connection.send(command) : Promise.reject(new Error('Redis is not connected')))
  const send = (...command: string[]) => guarded(() => whileReady(command))
  return {
    count: async (key, windowMs) => {
      const answer = await send('EVAL', COUNT, '1', `${prefix}:${key}`, String(windowMs))
      const [hits, msLeft] = Array.isArray(answer) ? answer.map(Number) : []
      if (!Number.isInteger(hits) || !Number.isInteger(msLeft)) throw new Error('Redis gave an odd answer')
      return { hits: hits ?? 0, msLeft: msLeft ?? 0 }
    },
    uncount: async (key, all = false) => {
      await (all ? send('DEL', `${prefix}:${key}`) : send('EVAL', UNCOUNT, '1', `${prefix}:${key}`))
    },
    announce,
    listen: (listener, signal) => connection.listen(channel, listener, signal),
  }
}

/** Nobody waits for it, so it may take its time; what is asked for meanwhile is one more after it. */
function oneAtATime(work: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    running = work()
      .then(() => {})
      .finally(() => {
        running = undefined
      })
    return running
  }
  const afterwards = () => {
    next = undefined
    return begin()
  }
  return () => (running ? (next ??= running.then(afterwards, afterwards)) : begin())
}
