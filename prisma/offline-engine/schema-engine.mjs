#!/usr/bin/env node
// Prisma's schema engine compiled to WebAssembly (@prisma/schema-engine-wasm), behind the JSON-RPC that the Prisma CLI
// speaks to the native binary, so that the CLI works where that binary cannot be downloaded.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const args = process.argv.slice(2)
if (args.includes('--version')) {
  console.log('schema-engine-wasm')
  process.exit(0)
}
if (args.includes('cli')) process.exit(0) // can-connect, create-database: left to the first real command

const datamodels = []
let url = 'file:./dev.db'
for (let i = 0; i < args.length; i++) {
  if (args[i] === '--datamodels') datamodels.push([args[i + 1], readFileSync(args[i + 1], 'utf8')])
  if (args[i] === '--datasource') url = JSON.parse(args[i + 1]).url ?? url
}

const require = createRequire(import.meta.url)
const wasmDir = path.dirname(require.resolve('@prisma/schema-engine-wasm'))
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) }
const glue = await import(pathToFileURL(path.join(wasmDir, 'schema_engine_bg.js')).href)
const wasm = await WebAssembly.instantiate(readFileSync(path.join(wasmDir, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': glue })
glue.__wbg_set_wasm(wasm.instance.exports)
wasm.instance.exports.__wbindgen_start()
const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')

/** Compares schemas without a server: the engine asks a few questions of any database before it starts, and takes these answers. */
function noDatabase() {
  const answer = (sql) => (/version/i.test(sql) ? [['PostgreSQL 15.0', '150000']] : [])
  const connection = {
    provider: 'postgres',
    adapterName: 'none',
    queryRaw: async ({ sql }) => ({ columnNames: ['version', 'numeric_version'], columnTypes: [7, 7], rows: answer(sql) }),
    executeRaw: async () => 0,
    executeScript: async () => {},
    dispose: async () => {},
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
  }
  return { provider: 'postgres', adapterName: 'none', connect: async () => connection, connectToShadowDb: async () => connection }
}

async function adapterFactory() {
  if (url === 'postgresql://none') return noDatabase()
  if (!/^postgres/.test(url)) {
    const { PrismaLibSql } = await import('@prisma/adapter-libsql')
    return new PrismaLibSql({ url })
  }
  const { PrismaPg } = await import('@prisma/adapter-pg')
  return new PrismaPg({ connectionString: url })
}

const provider = /^postgres/.test(url) ? 'postgresql' : 'sqlite'
if (datamodels.length === 0) datamodels.push(['schema.prisma', `datasource db {\n  provider = "${provider}"\n}\n`])
const engine = glue.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(await adapterFactory()))
const methods = { getDatabaseVersion: 'version' }
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue
  const { id, method, params } = JSON.parse(line)
  if (!method) continue // the CLI's answer to a print
  try {
    const result = await (await engine)[methods[method] ?? method](params)
    if (method === 'diff' && result?.stdout) send({ id: 1e6, method: 'print', params: { content: result.stdout } })
    send({ id, result: result ?? null })
  } catch (error) {
    const data = { is_panic: false, message: error.message, error_code: error.code ?? null, meta: error.meta ?? null }
    send({ id, error: { code: 4466, message: error.message, data } })
  }
}
process.exit(0)
