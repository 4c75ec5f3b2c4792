import { existsSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'prisma/config'

const dialect = process.env.LATCHKEY_DIALECT ?? 'sqlite'
const here = import.meta.dirname

// Prisma's CLI fetches a native schema engine; where it is not there, the same engine compiled to WebAssembly serves.
const engines = path.join(here, 'node_modules/@prisma/engines')
const hasNative = existsSync(engines) && (await import('node:fs')).readdirSync(engines).some((file) => file.startsWith('schema-engine-'))
if (!hasNative) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(here, 'prisma/offline-engine/schema-engine.mjs')

export default defineConfig({
  schema: `prisma/${dialect}/schema.prisma`,
  migrations: { path: `prisma/${dialect}/migrations` },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./playground.db' },
})
