// Writes sql/<dialect>.sql, the whole schema as it stands. `--check` is check-database.mjs.
import { writeFileSync } from 'node:fs'
import { snapshotFile, snapshotOf } from './database-sql.mjs'
import { dialects } from './generate-schemas.mjs'

if (process.argv.includes('--check')) await import('./check-database.mjs')
else for (const dialect of dialects) writeFileSync(snapshotFile(dialect), snapshotOf(dialect))
