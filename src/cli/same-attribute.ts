interface Attribute {
  /** '@@index', '@relation'. */
  name: string
  /** By their names, those that were given without one too. */
  values: ReadonlyMap<string, string>
}

/** What the first value is where it has no name. */
const first: Readonly<Record<string, string>> = { '@@index': 'fields', '@@unique': 'fields', '@@id': 'fields', '@default': 'value' }

/** Attributes of which a model has one. */
const single = new Set(['@@map', '@@id', '@@schema'])

/** Whether two attributes, written without spaces, say the same. Names in the database are the app's to choose, and so is how an index is built. */
export function isSameAttribute(one: string, other: string): boolean {
  const [a, b] = [meaning(one), meaning(other)]
  return a.name === b.name && a.values.size === b.values.size && [...a.values].every(([name, value]) => b.values.get(name) === value)
}

/** Whether an attribute, though another, takes the place of ours: Prisma refuses to have both. */
export function standsFor(other: string, ours: string): boolean {
  const [a, b] = [meaning(other), meaning(ours)]
  return a.name === b.name && (single.has(a.name) || (a.name === '@@unique' && a.values.get('fields') === b.values.get('fields')))
}

function meaning(text: string): Attribute {
  const [, name = text, inner = ''] = /^(@@?[\w.]+)\((.*)\)$/.exec(text) ?? []
  const values = new Map<string, string>()
  for (const part of partsOf(inner)) {
    const [, key = first[name] ?? 'name', value = part] = /^(\w+):(.*)$/.exec(part) ?? []
    values.set(key, key === 'fields' ? listed(value) : value)
  }
  if (name === '@@index') return { name, values: new Map([['fields', withoutWays(values.get('fields') ?? '')]]) }
  if (name !== '@map' && name !== '@@map') values.delete('map')
  return { name, values }
}

/** One field may stand without brackets. */
const listed = (value: string) => (value.startsWith('[') ? value : `[${value}]`)

/** `[createdAt(sort: Desc)]` finds what `[createdAt]` does. */
const withoutWays = (fields: string) => fields.replace(/\([^)]*\)/g, '')

/** Parted at commas outside of brackets and texts. */
function partsOf(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let begin = 0
  for (const { 0: found, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[({]|[\])}]|,/g)) {
    if ('[({'.includes(found)) depth++
    else if ('])}'.includes(found)) depth--
    else if (found === ',' && depth === 0) {
      parts.push(text.slice(begin, index))
      begin = index + 1
    }
  }
  return [...parts, text.slice(begin)].filter((part) => part !== '')
}
