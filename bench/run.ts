// npm run bench                    everything
// npm run bench -- verified flows  some of it
import { busy } from './busy.ts'
import { type BenchDatabase, createDatabase } from './database.ts'
import { flows } from './flows.ts'
import { hashing } from './hashing.ts'
import { importing } from './import.ts'
import { million } from './million.ts'
import { canPin, compile } from './processes.ts'
import { printTable, type Row } from './report.ts'
import { start } from './start.ts'
import { timing } from './timing.ts'
import { verified } from './verified.ts'

const suites: Record<string, (place: BenchDatabase) => Promise<Row[]>> = { verified, flows, start, timing, busy, hashing, million, import: importing }
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(suites)
const unknown = wanted.find((name) => !(name in suites))
if (unknown !== undefined) throw new Error(`there is no '${unknown}'; there are ${Object.keys(suites).join(', ')}`)

compile()
const rows: Row[] = []
for (const name of wanted) {
  const database = await createDatabase()
  console.log(`${name} (${database.provider}, Node ${process.versions.node}${canPin ? '' : ', cores not pinned'})`)
  try {
    rows.push(...(await suites[name]!(database)))
  } finally {
    await database.drop()
  }
}
console.log()
printTable(rows)
process.exitCode = rows.every(({ ok }) => ok !== false) ? 0 : 1
