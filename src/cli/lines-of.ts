import { createReadStream } from 'node:fs'

/** The lines of a file, parted as editors part them and nowhere else: U+2028 may stand in JSON. Without a byte order mark. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  let isFirst = true
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const text = isFirst ? chunk.replace(/^\uFEFF/, '') : chunk
    isFirst = false
    if (rest !== '' && !rest.endsWith('\r') && !/[\r\n]/.test(text)) {
      rest += text
      continue
    }
    const known = rest + text
    // A last \r may be the first half of \r\n.
    const end = known.endsWith('\r') ? known.length - 1 : known.length
    const lines = known.slice(0, end).split(/\r\n|\r|\n/)
    rest = (lines.pop() ?? '') + known.slice(end)
    yield* lines
  }
  if (rest !== '') yield rest.replace(/\r$/, '')
}
