import { once } from 'node:events'
import net from 'node:net'

export const CONNECTIONS = 32

export interface Hammer {
  url: string
  headers?: Readonly<Record<string, string>>
  milliseconds: number
}

export interface Hammered {
  requests: number
  perSecond: number
}

/** A connection that asks for one thing again and again. Its answers have one length, so that counting bytes is all there is to do. */
interface Lane {
  /** One request and its whole answer; rejects where the answer is no 200. */
  ask: () => Promise<void>
  close: () => void
}

async function openLane(url: URL, request: string): Promise<Lane> {
  const socket = net.connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await once(socket, 'connect')
  let length = 0
  let received = 0
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined
  socket.on('data', (chunk: Buffer) => {
    if (received === 0 && chunk.toString('latin1', 9, 12) !== '200') return settle?.reject(new Error(`not a 200: ${chunk.toString('latin1')}`))
    if (length === 0) length = lengthOf(chunk.toString('latin1'))
    received += chunk.length
    if (received < length) return
    received = 0
    settle?.resolve()
  })
  for (const event of ['error', 'close'] as const) socket.on(event, () => settle?.reject(new Error(`the server closed a connection: ${url}`)))
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

const lengthOf = (answer: string) => answer.indexOf('\r\n\r\n') + 4 + Number(/content-length: (\d+)/i.exec(answer)?.[1])

function openLanes({ url, headers = {} }: Hammer): Promise<Lane[]> {
  const { pathname, host } = new URL(url)
  const fields = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${pathname} HTTP/1.1\r\n${fields.join('')}\r\n`
  return Promise.all(Array.from({ length: CONNECTIONS }, () => openLane(new URL(url), request)))
}

/** As many requests as go through in so long; the connections are open when the time begins. */
export async function hammer(what: Hammer): Promise<Hammered> {
  const lanes = await openLanes(what)
  const began = performance.now()
  const end = began + what.milliseconds
  let requests = 0
  const run = async ({ ask }: Lane) => {
    while (performance.now() < end) {
      await ask()
      requests++
    }
  }
  await Promise.all(lanes.map(run))
  const perSecond = (requests * 1000) / (performance.now() - began)
  for (const { close } of lanes) close()
  return { requests, perSecond }
}
