// How long the main entry takes to import in a process that has Express already.
import { answerQuestions } from './questions.ts'

await import('express')
const began = performance.now()
await import('../src/index.ts')
answerQuestions(performance.now() - began, {})
