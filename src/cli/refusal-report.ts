import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs'
import type { Io } from './io.ts'
import { linesOf } from './lines-of.ts'

export interface RefusalReport {
  refused: (refusal: { line: number; reason: string }) => void
  close: () => void
}

/** Refused lines: in a file where one is named, otherwise on standard error. */
export function openReport(io: Io, file: string | undefined, { append }: { append: boolean }): RefusalReport {
  if (file === undefined) return { refused: ({ line, reason }) => io.err(`\rline ${line}: ${reason}\n`), close: () => {} }
  const out = openSync(file, append ? 'a' : 'w')
  return { refused: ({ line, reason }) => void writeSync(out, `${JSON.stringify({ line, reason })}\n`), close: () => closeSync(out) }
}

/** Takes out what a run that was stopped has told of lines behind this one: they are looked at again, and told of again. */
export async function cutReport(file: string, line: number) {
  if (!existsSync(file)) return
  const kept = openSync(`${file}.part`, 'w')
  for await (const text of linesOf(file)) if (lineIn(text) <= line) writeSync(kept, `${text}\n`)
  closeSync(kept)
  renameSync(`${file}.part`, file)
}

/** Beyond every line where the run was stopped amid its writing. */
function lineIn(text: string): number {
  const [, line = Number.POSITIVE_INFINITY] = /^\{"line":(\d+),.*\}$/.exec(text) ?? []
  return Number(line)
}
