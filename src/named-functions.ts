/** What is wrong with an option that maps names to functions; `what` says what is named: a hook, an event. */
export function problemsOfNamed(value: unknown, names: readonly string[], what: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`must map names of ${what}s to functions`]
  return Object.entries(value).flatMap(([name, one]) => {
    if (!names.includes(name)) return [`there is no ${what} '${name}'${nearest(name, names)}`]
    return one === undefined || typeof one === 'function' ? [] : [`the ${what} '${name}' must be a function`]
  })
}

const nearest = (name: string, names: readonly string[]) => {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
  const meant = names.find((one) => plain(one) === plain(name)) ?? names.find((one) => distance(plain(one), plain(name)) <= 2)
  return meant === undefined ? '' : `: '${meant}' is meant?`
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (const [j, other] of [...b].entries()) row.push(Math.min((above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1, (above[j] ?? 0) + (letter === other ? 0 : 1)))
  }
  return row.at(-1) ?? 0
}
