// The MySQL migration between two sets of tables, in Prisma's conventions and order.
import { isDeepStrictEqual } from 'node:util'
import { addForeignKeyText, columnText, createIndexText, quoted, tableText } from './render.mjs'

const name = (text) => quoted('mysql', text)
const missing = (map, from) => [...map].filter(([key, value]) => !from?.has(key) || !isDeepStrictEqual(from.get(key), value))

function columnChanges(before, after) {
  const dropped = [...before.columns.keys()].filter((column) => !after.columns.has(column)).map((column) => `DROP COLUMN ${name(column)}`)
  const changed = missing(after.columns, before.columns).map(
    ([column, now]) => `${before.columns.has(column) ? 'MODIFY' : 'ADD COLUMN'} ${columnText('mysql', column, now)}`,
  )
  return [...dropped, ...changed]
}

/** `before` and `after` as `readTables` gives them. A changed primary key is for a person to write. */
export function mysqlDiff(before, after) {
  const kept = [...after].filter(([table]) => before.has(table))
  const created = [...after].filter(([table]) => !before.has(table))
  for (const [table, now] of kept)
    if (!isDeepStrictEqual(before.get(table).primaryKey, now.primaryKey)) throw new Error(`${table}: a changed primary key has to be written by hand`)
  const gone = (part) => [...before].flatMap(([table, old]) => missing(old[part], after.get(table)?.[part]).map(([key]) => [table, key]))
  const added = (part, tables) => tables.flatMap(([table, now]) => missing(now[part], before.get(table)?.[part]).map(([key, one]) => [table, key, one]))
  return [
    ...gone('foreignKeys').map(([table, key]) => `-- DropForeignKey\nALTER TABLE ${name(table)} DROP FOREIGN KEY ${name(key)};\n`),
    ...gone('indexes')
      .filter(([table]) => after.has(table))
      .map(([table, index]) => `-- DropIndex\nDROP INDEX ${name(index)} ON ${name(table)};\n`),
    ...kept
      .map(([table, now]) => [table, columnChanges(before.get(table), now)])
      .filter(([, changes]) => changes.length > 0)
      .map(([table, changes]) => `-- AlterTable\nALTER TABLE ${name(table)} ${changes.join(',\n    ')};\n`),
    ...[...before.keys()].filter((table) => !after.has(table)).map((table) => `-- DropTable\nDROP TABLE ${name(table)};\n`),
    ...created.map(([table, now]) => tableText('mysql', table, now)),
    ...added('indexes', kept).map(([table, index, one]) => createIndexText('mysql', table, index, one)),
    ...added('foreignKeys', [...after]).map(([table, key, one]) => addForeignKeyText('mysql', table, key, one)),
  ].join('\n')
}
