// The load, in a process of its own.
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import { type Answered, newAgent, send } from './http.ts'
import { answerQuestions } from './questions.ts'

const run = promisify(execFile)

export interface Hammered {
  requests: number
  perSecond: number
}
export interface Worked {
  done: number
  perSecond: number
  /** ms of each. */
  times: number[]
  /** Answers of each status. */
  statuses: Record<string, number>
}

interface Hammer {
  url: string
  headers?: Record<string, string>
  seconds: number
}

const hasWrk = spawnSync('wrk', ['-v']).error === undefined

/** By wrk where it is installed: it takes less of its core than a load made in Node. */
const hammer = (hammer: Hammer): Promise<Hammered> => (hasWrk ? byWrk(hammer) : byAutocannon(hammer))

async function byWrk({ url, headers = {}, seconds }: Hammer): Promise<Hammered> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const { stdout } = await run('wrk', ['-t', '1', '-c', '32', '-d', `${seconds}s`, ...fields, url])
  const [, requests, perSecond] = /(\d+) requests in [\s\S]*Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? []
  if (requests === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every answer was 2xx: ${stdout}`)
  return { requests: Number(requests), perSecond: Number(perSecond) }
}

async function byAutocannon({ url, headers = {}, seconds }: Hammer): Promise<Hammered> {
  const { '2xx': requests, non2xx, errors, duration } = await autocannon({ url, headers, connections: 32, duration: seconds })
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers were no 2xx, ${errors} failed`)
  return { requests, perSecond: requests / duration }
}

const count = (answers: readonly Answered[]) => {
  const statuses: Record<string, number> = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  return statuses
}

/** `clients` at once, each its next request when the last is answered, until the time is over or `next` gives no more. */
async function work(clients: number, seconds: number, next: (client: number) => Promise<Answered> | undefined): Promise<Worked> {
  const answers: Answered[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  const client = async (_: unknown, i: number) => {
    for (let one = next(i); one; one = performance.now() < end ? next(i) : undefined) answers.push(await one)
  }
  await Promise.all(Array.from({ length: clients }, client))
  const taken = (performance.now() - began) / 1000
  const done = answers.filter(({ status }) => status < 300).length
  return { done, perSecond: done / taken, times: answers.map(({ ms }) => ms), statuses: count(answers) }
}

interface Posts {
  url: string
  bodies: object[]
  clients: number
  seconds?: number
}

/** Each body in its turn, and again from the first where `seconds` is given. */
function posts({ url, bodies, clients, seconds }: Posts) {
  const agent = newAgent(clients)
  let turn = 0
  return work(clients, seconds ?? 3600, () => {
    if (seconds === undefined && turn >= bodies.length) return undefined
    return send(url, { body: bodies[turn++ % bodies.length]!, agent })
  })
}

async function refreshes({ url, tokens, seconds }: { url: string; tokens: string[]; seconds: number }) {
  const agent = newAgent(tokens.length)
  const live = [...tokens]
  const worked = await work(tokens.length, seconds, async (i) => {
    const answered = await send(url, { body: { refreshToken: live[i] }, agent })
    live[i] = answered.body?.refreshToken ?? live[i]
    return answered
  })
  return { ...worked, tokens: live }
}

function logouts({ url, tokens }: { url: string; tokens: string[] }) {
  const agent = newAgent(1)
  let turn = 0
  return work(1, 3600, () => {
    const token = tokens[turn++]
    return token === undefined ? undefined : send(url, { token, agent })
  })
}

/** One GET every `everyMs`, whatever became of the last. */
async function poll({ url, everyMs, seconds }: { url: string; everyMs: number; seconds: number }) {
  const agent = newAgent(Number.POSITIVE_INFINITY)
  const sent: Promise<Answered>[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    sent.push(send(url, { method: 'GET', agent }))
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  const answers = await Promise.all(sent)
  return { times: answers.map(({ ms }) => ms), statuses: count(answers) }
}

/** `clients` that sign in and, as `Retry-After` asks them, wait a second after a refusal. */
function patient({ url, bodies, clients, seconds }: Required<Posts>) {
  const agent = newAgent(clients)
  return work(clients, seconds, async (i) => {
    const answered = await send(url, { body: bodies[i % bodies.length]!, agent })
    if (answered.status >= 400) await new Promise((resolve) => setTimeout(resolve, 1000))
    return answered
  })
}

answerQuestions(null, { hammer, posts, refreshes, logouts, poll, patient })
