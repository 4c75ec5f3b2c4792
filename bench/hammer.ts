import net from 'node:net'

const CONNECTIONS = 32

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
}

async function openLane(url: URL, request: string): Promise<Lane> {
  const socket = net.connect({ host: url.hostname, port: Number(url.port), noDelay: true })
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
  }
}

const lengthOf = (answer: string) => answer.indexOf('\r\n\r\n') + 4 + Number(/content-length: (\d+)/i.exec(answer)?.[1])

const lanes = new Map<string, Promise<Lane[]>>()

function lanesTo({ url, headers = {} }: Hammer): Promise<Lane[]> {
  const { pathname, host } = new URL(url)
  const fields = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${pathname} HTTP/1.1\r\n${fields.join('')}\r\n`
  const key = `${url}\n${request}`
  const known = lanes.get(key) ?? Promise.all(Array.from({ length: CONNECTIONS }, () => openLane(new URL(url), request)))
  lanes.set(key, known)
  return known
}

/** As many requests as go through in so long, on connections that stay open for the next time. */
export async function hammer(what: Hammer): Promise<Hammered> {
  const open = await lanesTo(what)
  const began = performance.now()
  const end = began + what.milliseconds
  let requests = 0
  const run = async ({ ask }: Lane) => {
    while (performance.now() < end) {
      await ask()
      requests++
    }
  }
  await Promise.all(open.map(run))
  return { requests, perSecond: (requests * 1000) / (performance.now() - began) }
}
