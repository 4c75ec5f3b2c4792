// The load, in a process of its own.
import { hammer } from './hammer.ts'
import { type Answered, newAgent, send } from './http.ts'
import { answerQuestions } from './questions.ts'

export interface Worked {
  done: number
  perSecond: number
  /** ms of each. */
  times: number[]
  /** Answers of each status. */
  statuses: Record<string, number>
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
