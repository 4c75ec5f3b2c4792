/** As much of node-redis as is used here. */
export interface NodeRedisClient {
  readonly isReady: boolean
  sendCommand: (command: string[]) => Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: the type of its duplicate depends on the client's own type parameters
  duplicate: () => any
}

/** As much of ioredis as is used here. */
export interface IoRedisClient {
  readonly status: string
  call: (command: string, ...args: string[]) => Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  duplicate: () => any
}

export type RedisClient = NodeRedisClient | IoRedisClient

/** Either client, in one form. */
export interface Connection {
  readonly isReady: () => boolean
  readonly send: (command: readonly string[]) => Promise<unknown>
  readonly listen: (channel: string, listener: () => void, signal: AbortSignal) => Promise<void>
}

export function connectionOf(client: RedisClient): Connection {
  if ('sendCommand' in client && typeof client.sendCommand === 'function' && 'isReady' in client) return nodeRedis(client)
  if ('call' in client && typeof client.call === 'function') return ioRedis(client)
  throw new TypeError('latchkey: redisBackend(client) takes a connected node-redis or ioredis client')
}

const nothing = () => {}

function nodeRedis(client: NodeRedisClient): Connection {
  return {
    isReady: () => client.isReady,
    send: (command) => client.sendCommand([...command]),
    listen: async (channel, listener, signal) => {
      const own = client.duplicate()
      own.on('error', nothing) // it connects again by itself; polling goes on in the meantime
      await until(
        signal,
        () => own.destroy(),
        async () => {
          await own.connect()
          await own.subscribe(channel, listener)
        },
      )
    },
  }
}

function ioRedis(client: IoRedisClient): Connection {
  return {
    isReady: () => client.status === 'ready',
    send: ([name = '', ...args]) => client.call(name, ...args),
    listen: async (channel, listener, signal) => {
      const own = client.duplicate()
      own.on('error', nothing)
      own.on('message', listener)
      await until(
        signal,
        () => own.disconnect(),
        () => own.subscribe(channel),
      )
    },
  }
}

/** Begins and, once aborted or where that fails, ends. */
async function until(signal: AbortSignal, end: () => void, begin: () => Promise<unknown>) {
  const quietly = () => {
    try {
      end()
    } catch {
      // It was not open.
    }
  }
  signal.addEventListener('abort', quietly, { once: true })
  try {
    signal.throwIfAborted()
    await begin()
  } catch (error) {
    quietly()
    throw error
  }
}
