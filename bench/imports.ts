// How long the built main entry takes to import in a process that has Express already.
import { answerQuestions } from './questions.ts'

await import('express')
const began = performance.now()
await import(process.env.LATCHKEY_BENCH_ENTRY ?? '')
answerQuestions(performance.now() - began, {})
