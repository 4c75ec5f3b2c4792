// What a crowd costs Express alone: each sign-in waits as long as the package lets it and is refused, while one hash after another takes its share
// of the core.
import type { AddressInfo } from 'node:net'
import express from 'express'
import { hashCost } from './hash-cost.ts'
import { answerQuestions } from './questions.ts'

const WAIT_MS = 1700
const app = express()
let waiting = 0
let isHashing = false

async function hashOn() {
  if (isHashing) return
  isHashing = true
  while (waiting > 0) await hashCost({ times: 1 })
  isHashing = false
}

app.post('/auth/login', express.json(), (_req, res) => {
  waiting++
  void hashOn()
  setTimeout(() => {
    waiting--
    res.status(503).json({ code: 'BUSY' })
  }, WAIT_MS)
})
app.get('/auth/health', (_req, res) => void res.json({ status: 'ok' }))
const server = app.listen(0, '127.0.0.1', () => answerQuestions((server.address() as AddressInfo).port, {}))
