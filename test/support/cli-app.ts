import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/program.ts'

export const root = path.resolve(__dirname, '../..')
const made: string[] = []
afterAll(() => made.forEach((dir) => void rmSync(dir, { recursive: true, force: true })))

/** An app's folder with these files, and the command line in it. */
export function cliApp(files: Record<string, string>) {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'latchkey-cli-'))
  made.push(cwd)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true })
    writeFileSync(path.join(cwd, name), text)
  }
  const latchkey = async (...args: string[]) => {
    let out = ''
    let err = ''
    const io: Io = {
      cwd,
      root,
      env: {},
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      readInput: async () => '',
      now: () => new Date('2026-01-02T03:04:05Z'),
      random: (bytes) => new Uint8Array(bytes).map((_, i) => i * 7),
    }
    return { code: await run(args, io), out, err }
  }
  const read = (name: string) => readFileSync(path.join(cwd, name), 'utf8')
  const write = (name: string, text: string) => writeFileSync(path.join(cwd, name), text)
  return { cwd, latchkey, read, write }
}

export const datasource = (provider: string) => `datasource db {\n  provider = "${provider}"\n}\n`
