import { fixed } from './stats.ts'

/** A figure of the table. */
export interface Row {
  what: string
  measured: string
  target?: string
  ok?: boolean
}

const inBounds = (value: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Bounds) => value >= min && value <= max

interface Bounds {
  min?: number
  max?: number
  unit?: string
  digits?: number
}

/** A figure held to a bound. */
export function held(what: string, value: number, { unit = '', digits = 2, ...bounds }: Bounds): Row {
  const target = bounds.min === undefined ? `≤ ${bounds.max}` : bounds.max === undefined ? `≥ ${bounds.min}` : `${bounds.min}-${bounds.max}`
  return { what, measured: fixed(value, digits) + unit, target: target + unit, ok: inBounds(value, bounds) }
}

export const shown = (what: string, value: number, unit = '', digits = 2): Row => ({ what, measured: fixed(value, digits) + unit })

/** The figures of each round, so that the reader sees how steady they are. */
export const printRounds = (what: string, values: readonly number[], digits = 2) =>
  console.log(`  ${what}: ${values.map((value) => fixed(value, digits)).join('  ')}`)

export function printTable(rows: readonly Row[]) {
  const cells = rows.map(({ what, measured, target = '', ok }) => [what, measured, target, ok === undefined ? '' : ok ? 'yes' : 'NO'])
  const all = [['figure', 'measured', 'target', 'reached'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]!.length)))
  for (const [i, line] of all.entries()) {
    console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    if (i === 0) console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  }
}
