import express from 'express'
import request from 'supertest'
import { requireAuth } from '../src/index.ts'

test('a guard of the default instance says what to do where the app made its instance by createAuth()', async () => {
  let told: unknown
  const keep: express.ErrorRequestHandler = (error, _req, res, _next) => {
    told = error
    res.status(500).end()
  }
  const app = express()
    .get('/me', requireAuth(), (_req, res) => void res.end())
    .use(keep)
  await request(app).get('/me').expect(500)
  expect(told).toBeInstanceOf(TypeError)
  expect(String(told)).toMatch(
    /call authRouter\(options\) before .*, or, where the app made its instance by createAuth\(\), take the guard from it: auth\.requireAuth\(\)/,
  )
})
