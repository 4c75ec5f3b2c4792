import type { PrismaClient } from '../generated/postgresql/client.ts'

export interface Place {
  provider: 'postgresql' | 'sqlite'
  url: string
}

/** Loads only the client and driver that the database needs, so that a start costs what it costs an app. */
export async function connect({ provider, url }: Place, { log = false } = {}): Promise<PrismaClient> {
  const levels = log ? { log: [{ emit: 'event' as const, level: 'query' as const }] } : {}
  if (provider === 'sqlite') {
    const { SqliteAdapter } = await import('../prisma/sqlite-adapter.ts')
    const { PrismaClient } = await import('../generated/sqlite/client.ts')
    return new PrismaClient({ adapter: new SqliteAdapter({ url, timeout: 1000 }), ...levels }) as unknown as PrismaClient
  }
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const { PrismaClient } = await import('../generated/postgresql/client.ts')
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 10 }), ...levels })
}
