/** A block of a Prisma schema file: `model User { … }`, its braces at the ends of their lines as Prisma wants them. Line numbers begin at 0. */
export interface Block {
  kind: string
  name: string
  /** Of the line with the opening and the one with the closing brace. */
  start: number
  end: number
}

export interface Member {
  /** A field's name, or '@@index' and the like. */
  name: string
  type: string
  /** Without spaces that mean nothing, in the order they stand. */
  attributes: string[]
  line: number
}

const opening = /^\s*(model|enum|type|view|datasource|generator)\s+(\w+)\s*\{\s*$/

const textOrComment = /"(?:[^"\\\n]|\\.)*"|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)/g

/** The same lines with spaces in the place of comments; what looks like one within a text is none. */
export const withoutComments = (lines: readonly string[]): string[] =>
  lines
    .join('\n')
    .replace(textOrComment, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ')))
    .split('\n')

export function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = []
  let open: Omit<Block, 'end'> | undefined
  withoutComments(lines).forEach((line, at) => {
    const [, kind, name] = opening.exec(line) ?? []
    // One that was open until here is not closed, and so none.
    if (kind && name) open = { kind, name, start: at }
    else if (open && line.trim() === '}') {
      blocks.push({ ...open, end: at })
      open = undefined
    }
  })
  return blocks
}

/** `@id @map("a") @relation(fields: [x])`, each by itself. */
function attributesIn(text: string): string[] {
  const found: string[] = []
  for (let i = text.indexOf('@'); i !== -1 && i < text.length; i = text.indexOf('@', i)) {
    const begin = i
    while (i < text.length && /[@\w.]/.test(text[i] ?? '')) i++
    if (text[i] === '(') i = endOfParentheses(text, i)
    found.push(compact(text.slice(begin, i)))
  }
  return found
}

function endOfParentheses(text: string, from: number): number {
  let depth = 0
  let isText = false
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"' && text[i - 1] !== '\\') isText = !isText
    if (isText) continue
    if (text[i] === '(') depth++
    if (text[i] === ')' && --depth === 0) return i + 1
  }
  return text.length
}

/** Spaces outside of texts mean nothing. */
const compact = (text: string) =>
  text
    .split('"')
    .map((part, i) => (i % 2 === 0 ? part.replace(/\s+/g, '') : part))
    .join('"')

export function membersOf(lines: readonly string[], { start, end }: Block): Member[] {
  return withoutComments(lines.slice(start + 1, end)).flatMap((line, i) => {
    const text = line.trim()
    if (text === '') return []
    if (text.startsWith('@@')) {
      const [attribute = ''] = attributesIn(text)
      return [{ name: attribute.split('(')[0] ?? attribute, type: '', attributes: [attribute], line: start + 1 + i }]
    }
    const [, name, type, rest = ''] = /^(\w+)\s+(\S+)\s*(.*)$/.exec(text) ?? []
    return name && type ? [{ name, type, attributes: attributesIn(rest), line: start + 1 + i }] : []
  })
}

/** A value of a datasource or generator block, such as its provider; undefined where it is missing or no plain text. */
export function valueIn(lines: readonly string[], { start, end }: Block, name: string): string | undefined {
  const pattern = new RegExp(`^\\s*${name}\\s*=\\s*"([^"]*)"`)
  return withoutComments(lines.slice(start + 1, end))
    .map((line) => pattern.exec(line)?.[1])
    .find((value) => value !== undefined)
}
