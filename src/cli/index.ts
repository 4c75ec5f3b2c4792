import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { run } from './program.ts'

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
