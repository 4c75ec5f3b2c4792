// Fails where prisma/auth.prisma, the three schemas, the migrations applied in order and the snapshots do not say the same. Needs no server.
import { existsSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { migrationsOf, snapshotFile, snapshotOf } from './database-sql.mjs'
import { canonical, readTables } from './ddl.mjs'
import { dialects, staleSchemas } from './generate-schemas.mjs'

const sameTables = (one, other) => isDeepStrictEqual(canonical(one), canonical(other))

function faultsOf(dialect) {
  const faults = []
  const wanted = snapshotOf(dialect)
  const file = snapshotFile(dialect)
  if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) faults.push(`sql/${dialect}.sql is stale: run node scripts/sql.mjs`)
  const migrations = migrationsOf(dialect).map(({ sql }) => sql)
  if (!sameTables(readTables(...migrations), readTables(wanted)))
    faults.push(`prisma/${dialect}/migrations do not lead to the schema: run node scripts/new-migration.mjs <name>`)
  return faults
}

const numbersOf = (dialect) => migrationsOf(dialect).map(({ name }) => name)
const faults = [
  ...staleSchemas().map((dialect) => `prisma/${dialect}/schema.prisma is stale: run node scripts/generate-schemas.mjs`),
  ...dialects.flatMap(faultsOf),
  ...dialects
    .filter((dialect) => !isDeepStrictEqual(numbersOf(dialect), numbersOf(dialects[0])))
    .map((dialect) => `${dialect} has other migrations than ${dialects[0]}`),
]
for (const fault of faults) console.error(fault)
if (faults.length === 0) console.log('schemas, migrations and snapshots agree')
process.exitCode = faults.length > 0 ? 1 : 0
