import { isSameAttribute, standsFor } from './same-attribute.ts'
import { type Block, blocksOf, type Member, membersOf, withoutComments } from './schema-text.ts'

/** Path and text of a file of the app's schema. */
export type SchemaFiles = ReadonlyMap<string, string>

export interface Merge {
  /** Texts of the files that change or are new. */
  changed: Map<string, string>
  /** What was put in: 'AuthUser', 'AuthUser.locale', 'AuthUser.@@index([createdAt])'. */
  added: string[]
  /** Why nothing can be put in: the app has something else in the place of ours. */
  conflicts: string[]
}

interface Found {
  file: string
  lines: string[]
  block: Block
}

/**
 * Puts the package's models into an app's schema. What the app has added to them stays: fields, relations, attributes, comments, order. A field of ours that
 * is another there, or an attribute of it that is missing, is a conflict. `target`: the file that new models go to. The same again changes nothing.
 */
export function mergeModels(files: SchemaFiles, models: string, target: string): Merge {
  const merge = mergeOnce(files, models, target)
  // What is still missing went where it does not count, such as into a comment that ends behind the field before it.
  const left = merge.added.length > 0 ? mergeOnce(new Map([...files, ...merge.changed]), models, target).added : []
  merge.conflicts.push(...left.map((one) => `${one} is missing, and comments stand in the way of putting it in`))
  return merge
}

function mergeOnce(files: SchemaFiles, models: string, target: string): Merge {
  const ours = models.split('\n')
  const texts = new Map(files)
  const merge: Merge = { changed: new Map(), added: [], conflicts: [] }
  const fresh: string[] = []
  for (const block of blocksOf(ours).filter(({ kind }) => kind === 'model' || kind === 'enum')) {
    const there = findBlock(texts, block)
    if (!there && declares(texts, block.name)) {
      merge.conflicts.push(`${block.name} is there, but not as a ${block.kind} that can be read: { and } belong at the ends of their lines`)
      continue
    }
    if (!there) {
      fresh.push(ours.slice(block.start, block.end + 1).join('\n'))
      merge.added.push(block.name)
      continue
    }
    const lines = mergeBlock(there, ours, block, merge)
    if (lines) texts.set(there.file, lines.join('\n'))
  }
  if (fresh.length > 0) texts.set(target, withModels(texts.get(target) ?? '', fresh))
  for (const [file, text] of texts) if (text !== files.get(file)) merge.changed.set(file, text)
  return merge
}

function findBlock(files: SchemaFiles, { kind, name }: Block): Found | undefined {
  for (const [file, text] of files) {
    const lines = text.split('\n')
    const block = blocksOf(lines).find((one) => one.kind === kind && one.name === name)
    if (block) return { file, lines, block }
  }
  return undefined
}

/** Something of this name, of whatever kind and however it is written. A field's line has no brace. */
function declares(files: SchemaFiles, name: string): boolean {
  const pattern = new RegExp(`\\b(model|enum|type|view)\\s+${name}\\s*\\{`)
  return [...files.values()].some((text) => pattern.test(withoutComments(text.split('\n')).join('\n')))
}

const HEADING = "// Latchkey's models. Add fields and relations of your own; `npx latchkey init` keeps them."

function withModels(text: string, models: readonly string[]): string {
  const before = text.trimEnd()
  const heading = before.includes(HEADING) ? [] : [HEADING]
  return `${[...(before === '' ? [] : [before]), ...heading, ...models].join('\n\n')}\n`
}

/** The app's lines with what was missing, or undefined where nothing was. */
function mergeBlock({ lines, block }: Found, ours: readonly string[], wanted: Block, merge: Merge): string[] | undefined {
  const there = membersOf(lines, block)
  const missing = membersOf(ours, wanted).filter((member) => isMissing(member, there, wanted.name, merge))
  if (missing.length === 0) return undefined
  merge.added.push(...missing.map(({ name, attributes }) => `${wanted.name}.${name.startsWith('@@') ? attributes[0] : name}`))
  const text = ({ line }: Member) => ours[line] ?? ''
  const fields = missing.filter(({ name }) => !name.startsWith('@@')).map(text)
  const attributes = missing.filter(({ name }) => name.startsWith('@@')).map(text)
  const firstAttribute = there.find(({ name }) => name.startsWith('@@'))?.line ?? block.end
  const at = lastWithText(lines, firstAttribute)
  return [...lines.slice(0, at), ...fields, ...lines.slice(at, block.end), ...attributes, ...lines.slice(block.end)]
}

/** Fields go right behind the fields, before the empty line and the comments that belong to what follows. */
function lastWithText(lines: readonly string[], before: number): number {
  const code = withoutComments(lines)
  let at = before
  while (at > 0 && code[at - 1]?.trim() === '') at--
  return at
}

function isMissing(wanted: Member, there: readonly Member[], model: string, { conflicts }: Merge): boolean {
  if (wanted.name.startsWith('@@')) {
    const [ours = ''] = wanted.attributes
    const theirs = there.flatMap(({ attributes: [attribute] }) => attribute ?? [])
    if (theirs.some((one) => isSameAttribute(one, ours))) return false
    const other = theirs.find((one) => standsFor(one, ours))
    if (other) conflicts.push(`${model}: ${other} stands where latchkey has ${ours}`)
    return !other
  }
  const same = there.find(({ name }) => name === wanted.name)
  if (!same) return true
  if (same.type !== wanted.type) conflicts.push(`${model}.${wanted.name} is ${same.type}; latchkey's is ${wanted.type}`)
  const lacking = wanted.attributes.filter((ours) => !same.attributes.some((one) => isSameAttribute(one, ours)))
  if (lacking.length > 0) conflicts.push(`${model}.${wanted.name} lacks ${lacking.join(' ')}`)
  return false
}
