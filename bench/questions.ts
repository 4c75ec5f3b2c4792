/** How the bench talks with the processes it starts: questions and answers over node's channel. */
export interface Question {
  id: number
  ask: string
  input: unknown
}

export type Reply = { ready: unknown } | { id: number; value: unknown } | { id: number; problem: string }

type Answers = Readonly<Record<string, (input: any) => unknown>>

const say = (reply: Reply) => process.send?.(reply)

/** Answers the parent's questions until it hangs up. */
export function answerQuestions(ready: unknown, answers: Answers) {
  process.on('message', async ({ id, ask, input }: Question) => {
    try {
      say({ id, value: (await answers[ask]!(input)) ?? null })
    } catch (error) {
      say({ id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => process.exit(0))
  say({ ready })
}
