import { PrismaLibSql } from '@prisma/adapter-libsql'

type Client = ReturnType<PrismaLibSql['createClient']>
type Transaction = Awaited<ReturnType<Client['transaction']>>

/**
 * libsql's client without two faults of it (docs/decisions/003-sqlite-driver.md). It gives every interactive transaction a connection that
 * is never closed, two file handles each (libsql-client-ts#350). And a statement refused for a lock stays in progress, so that later writes on
 * its connection are answered but never committed (#352). Prisma's adapter runs nothing beside a transaction, so one connection is enough.
 */
export class SqliteAdapter extends PrismaLibSql {
  override createClient(config: ConstructorParameters<typeof PrismaLibSql>[0]): Client {
    return onOneConnection(super.createClient(config))
  }
}

const isBusy = (error: unknown) => error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

function onOneConnection(client: Client): Client {
  const execute = client.execute.bind(client) as (statement: string | object) => ReturnType<Client['execute']>
  let isOpen = false
  let hasStuck = false

  const renew = () => {
    if (!hasStuck || isOpen) return
    hasStuck = false
    client.reconnect()
  }
  const run = async (statement: string | object) => {
    try {
      return await execute(statement)
    } catch (error) {
      if (isBusy(error)) hasStuck = true
      throw error
    } finally {
      renew()
    }
  }
  const end = async (sql: 'COMMIT' | 'ROLLBACK') => {
    try {
      await run(sql)
    } catch (error) {
      // A refused commit would otherwise leave the transaction open under the statements that follow.
      if (sql === 'COMMIT') await run('ROLLBACK').catch(() => {})
      throw error
    } finally {
      isOpen = false
      renew()
    }
  }
  client.execute = run as Client['execute']
  client.transaction = async () => {
    await run('BEGIN')
    isOpen = true
    return transactionOn(client, end, () => !isOpen)
  }
  return client
}

function transactionOn(client: Client, end: (sql: 'COMMIT' | 'ROLLBACK') => Promise<void>, isClosed: () => boolean): Transaction {
  return {
    execute: client.execute.bind(client) as Transaction['execute'],
    batch: () => Promise.reject(new Error('not used by Prisma')),
    executeMultiple: (sql) => client.executeMultiple(sql),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
    close: () => {},
    get closed() {
      return isClosed()
    },
  }
}
