import { PrismaLibSql } from '@prisma/adapter-libsql'
import express from 'express'
import { PrismaClient } from '../../generated/sqlite/client.ts'
import { authRouter, requireAuth, requireRole } from '../../src/index.ts' // in your app: from 'latchkey'

const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: process.env.DATABASE_URL ?? 'file:./minimal.db' }) })

const app = express()
app.use('/auth', authRouter({ prisma, secret: process.env.AUTH_SECRET! }))
app.get('/me', requireAuth(), (req, res) => void res.json(req.auth))
app.get('/admin', requireAuth(), requireRole('admin'), (_req, res) => void res.json({ ok: true }))
app.listen(process.env.PORT ?? 3000)
