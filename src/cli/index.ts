import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { run } from './program.ts'

// What is set already stays as it is.
if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env')

// Whoever reads may have seen enough, as `head` does; what is at work goes on to its end.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  // Two folders up, from src/cli as from dist/cli.
  root: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'),
  env: process.env,
  out: (line) => void process.stdout.write(line),
  err: (line) => void process.stderr.write(line),
  readInput: () => text(process.stdin),
  now: () => new Date(),
  random: randomBytes,
})
