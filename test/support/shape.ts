import { provider, type TestClient } from './databases.ts'

const queries = {
  sqlite: [
    `SELECT m.name AS t, p.name AS c, p.type, p."notnull" AS n, p.dflt_value AS d, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1, 2`,
    `SELECT m.name AS t, l.name AS i, l."unique" AS u, x.seqno, x.name AS c FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) x WHERE m.type = 'table' ORDER BY 1, 2, 4`,
    `SELECT m.name AS t, f."from" AS c, f."table" AS r, f.on_delete, f.on_update FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 2`,
  ],
  postgresql: [
    `SELECT table_name AS t, column_name AS c, data_type, datetime_precision AS p, is_nullable AS n, column_default AS d FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
    `SELECT tablename AS t, indexname AS i, indexdef AS d FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`,
    `SELECT conrelid::regclass::text AS t, conname::text AS n, pg_get_constraintdef(oid) AS d FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  ],
  mysql: [
    `SELECT table_name AS t, column_name AS c, column_type AS y, is_nullable AS n, column_default AS d, extra AS e, collation_name AS o FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2`,
    `SELECT table_name AS t, index_name AS i, seq_in_index AS s, column_name AS c, non_unique AS u FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3`,
    `SELECT table_name AS t, constraint_name AS n, referenced_table_name AS r, delete_rule AS d, update_rule AS u FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() ORDER BY 1, 2`,
  ],
}
type Row = { t: string; [column: string]: unknown }

/** Columns, indexes and keys as the database itself describes them, without what Prisma's migrations keep for themselves. */
export async function shapeOf(client: TestClient): Promise<Row[][]> {
  const shape: Row[][] = []
  for (const query of queries[provider]) {
    const rows = (await client.$queryRawUnsafe(query)) as Row[]
    shape.push(rows.filter(({ t }) => t.startsWith('auth_')))
  }
  return shape
}
