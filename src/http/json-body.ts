import { json, type Request, type RequestHandler, urlencoded } from 'express'
import { invalidField } from '../errors.ts'

/** Throws VALIDATION_FAILED for an object with one key twice (which parser sees which is anyone's guess) or with `__proto__`. */
export function refuseOddKeys(text: string) {
  const open: (Set<string> | null)[] = [] // an object's keys so far; null for an array
  let isKey = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') {
      const end = endOfString(text, i)
      if (isKey) addKey(open.at(-1), text.slice(i, end + 1))
      isKey = false
      i = end
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null)
      isKey = char === '{'
    } else if (char === '}' || char === ']') {
      open.pop()
      isKey = false
    } else if (char === ',') isKey = open.at(-1) instanceof Set
  }
}

function endOfString(text: string, start: number) {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i
}

function addKey(keys: Set<string> | null | undefined, literal: string) {
  const key: unknown = JSON.parse(literal) // two spellings of one key are one key
  if (typeof key !== 'string' || key === '__proto__' || keys?.has(key)) throw oddKey(String(key))
  keys?.add(key)
}

const oddKey = (key: string) => invalidField(key.slice(0, 64), 'is given twice or not allowed')

/** Reads a JSON body of at most 32 kB, where the app has not read it already. */
export const jsonBody = (): RequestHandler => json({ limit: '32kb', verify: (_req, _res, bytes, charset) => refuseOddKeysOf(bytes, charset) })

/** Throws VALIDATION_FAILED for a body of a type that nobody has read; left alone, it would pass for an empty one. */
export function refuseOtherBody(req: Request) {
  const { headers } = req
  const isThere = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  if (isThere && headers['content-type'] !== undefined && isUnread(req)) throw invalidField('', 'must be sent as application/json')
}

/** The parsers of Express 4 leave an empty object behind where they have read nothing. */
const isUnread = (req: Request) => {
  const body: unknown = req.body
  return body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0 && !req.is('application/json'))
}

/** Reads the body of an HTML form of at most 32 kB, without nesting. */
export const formBody = (): RequestHandler => urlencoded({ limit: '32kb', extended: false, parameterLimit: 20 })

function refuseOddKeysOf(bytes: Buffer, charset: string) {
  // RFC 8259, 8.1. The parser would read others, and what is looked at here would not be what it reads.
  if (charset !== 'utf-8') throw invalidField('', 'must be UTF-8')
  try {
    refuseOddKeys(bytes.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error // the parser itself reports what is no JSON
  }
}
