// Type tests, compiled by `npm run types`: which clients `prisma` accepts.
import type { PrismaClient as MysqlClient } from '../../generated/mysql/client.ts'
import type { PrismaClient as PostgresClient } from '../../generated/postgresql/client.ts'
import type { PrismaClient as SqliteClient } from '../../generated/sqlite/client.ts'
import type { PrismaClient as JsClient } from '../../generated/sqlite-js/index.js'
import type { Database } from '../../src/database.ts'
import { type AuthPrismaClient, createAuth } from '../../src/index.ts'

declare const sqlite: SqliteClient
declare const postgres: PostgresClient
declare const mysql: MysqlClient
declare const js: JsClient

export const onSqlite: AuthPrismaClient = sqlite
export const onPostgres: AuthPrismaClient = postgres
export const onMysql: AuthPrismaClient = mysql
export const fromOlderGenerator: AuthPrismaClient = js
export const withModelMethod: AuthPrismaClient = postgres.$extends({ model: { authUser: { shout: (text: string) => text.toUpperCase() } } })
export const withResultField: AuthPrismaClient = sqlite.$extends({ result: { authUser: { label: { needs: { email: true }, compute: (user) => user.email } } } })
export const withQuery: AuthPrismaClient = mysql.$extends({ query: { $allModels: { findMany: ({ args, query }) => query(args) } } })
export const inTransaction = () => sqlite.$transaction(async (tx) => tx satisfies Database)
export const passed = () => createAuth({ prisma: sqlite, secret: 'x' })

declare const withoutSessions: Omit<SqliteClient, 'authSession'>
// @ts-expect-error a client without one of the models is refused, and the message names it
export const refused: AuthPrismaClient = withoutSessions

declare const withoutColumn: Omit<SqliteClient, 'authUser'> & { authUser: { findUnique: (args: { where: { id: string } }) => Promise<{ id: string }> } }
// @ts-expect-error a model without one of the columns is refused
export const alsoRefused: AuthPrismaClient = withoutColumn
