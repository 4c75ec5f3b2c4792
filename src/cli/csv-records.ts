/** A record and the line of the file that it begins on, from 1; `fault` in the place of the cells of one that cannot be read. */
export type CsvRecord = { line: number; cells: string[]; fault?: undefined } | { line: number; fault: string }

/** A quote that is not closed within so many characters was never meant as one. */
const MOST_QUOTED = 100_000

interface Open {
  line: number
  /** What it has been read from, to be read anew where it turns out to be no record. */
  lines: string[]
  length: number
  cells: string[]
  /** The cell in quotes that is not closed yet. */
  quoted: string | undefined
}

type State = 'open' | 'whole' | { fault: string }

/**
 * RFC 4180: quotes around what holds commas, quotes or line breaks. Where quotes are not in order, the line on which the record began is refused and reading goes
 * on with the next one, so that a stray quote takes no more than its own line along.
 */
export async function* csvRecords(lines: AsyncGenerator<string>): AsyncGenerator<CsvRecord> {
  const again: string[] = []
  let open: Open | undefined
  try {
    for (let line = 1; ; line++) {
      const text = again.pop() ?? ((await lines.next()).value as string | undefined)
      if (text === undefined && !open) return
      if (!open && text?.trim() === '') continue
      open ??= { line, lines: [], length: 0, cells: [], quoted: undefined }
      const state: State = text === undefined ? { fault: 'ends within quotes' } : readLine(open, text)
      if (state === 'open') continue
      if (state === 'whole') yield { line: open.line, cells: open.cells }
      else {
        yield { line: open.line, fault: state.fault }
        for (const one of open.lines.slice(1).reverse()) again.push(one)
        line = open.line
      }
      open = undefined
    }
  } finally {
    await lines.return(undefined)
  }
}

function readLine(record: Open, text: string): State {
  record.lines.push(text)
  record.length += text.length + 1
  let at = record.quoted === undefined ? 0 : restOfQuoted(record, text, 0)
  while (at !== undefined && at <= text.length) {
    if (text[at] === '"') {
      record.quoted = ''
      at = restOfQuoted(record, text, at + 1)
      continue
    }
    const comma = text.indexOf(',', at)
    const cell = text.slice(at, comma === -1 ? text.length : comma)
    if (cell.includes('"')) return { fault: 'has a quote in a cell without quotes around it: put the cell in quotes and double those within' }
    record.cells.push(cell)
    at = comma === -1 ? text.length + 1 : comma + 1
  }
  if (at !== undefined) return 'whole'
  if (record.quoted === undefined) return { fault: 'has something behind the closing quote of a cell: quotes within are doubled' }
  return record.length > MOST_QUOTED ? { fault: `has a quote that is not closed within ${MOST_QUOTED} characters` } : 'open'
}

/** Reads on in a cell with quotes. Gives where the next cell begins, beyond the end where there is none; undefined where this one goes on, or is closed too soon. */
function restOfQuoted(record: Open, text: string, from: number): number | undefined {
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at)
    if (quote === -1) {
      record.quoted += `${text.slice(at)}\n`
      return undefined
    }
    record.quoted += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      record.cells.push(record.quoted ?? '')
      record.quoted = undefined
      return quote + 1 === text.length || text[quote + 1] === ',' ? quote + 2 : undefined
    }
    record.quoted += '"'
    at = quote + 2
  }
}
