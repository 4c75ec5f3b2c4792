import { PrismaLibSql } from '@prisma/adapter-libsql'

type Client = ReturnType<PrismaLibSql['createClient']>
type Transaction = Awaited<ReturnType<Client['transaction']>>

/**
 * libsql gives every interactive transaction a connection of its own and never closes it: two file handles each, so that a process with the
 * usual limit of 1024 ends after some 500 of them (tursodatabase/libsql-client-ts#350, libsql-js#230). Prisma's adapter lets nothing else
 * run while a transaction is open, so all of them can share one connection.
 */
export class SqliteAdapter extends PrismaLibSql {
  override createClient(config: ConstructorParameters<typeof PrismaLibSql>[0]): Client {
    const client = super.createClient(config)
    client.transaction = async () => {
      await client.execute('BEGIN')
      return onSharedConnection(client)
    }
    return client
  }
}

function onSharedConnection(client: Client): Transaction {
  let closed = false
  const end = async (sql: 'COMMIT' | 'ROLLBACK') => {
    closed = true
    await client.execute(sql)
  }
  return {
    execute: client.execute.bind(client) as Transaction['execute'],
    batch: () => Promise.reject(new Error('not used by Prisma')),
    executeMultiple: (sql) => client.executeMultiple(sql),
    rollback: () => end('ROLLBACK'),
    // A commit refused by another process' lock would otherwise leave the transaction open under the statements that follow.
    commit: () =>
      end('COMMIT').catch(async (error) => {
        await client.execute('ROLLBACK')
        throw error
      }),
    close: () => {},
    get closed() {
      return closed
    },
  }
}
