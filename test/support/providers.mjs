import net from 'node:net'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'

// LATCHKEY_TEST_POSTGRES_URL and LATCHKEY_TEST_MYSQL_URL, else the standard local ports and users. Databases are made and dropped there.
const candidates = [
  { name: 'postgresql', url: process.env.LATCHKEY_TEST_POSTGRES_URL ?? `postgresql://${process.env.PGUSER ?? 'postgres'}@127.0.0.1:5432/postgres` },
  { name: 'mysql', url: process.env.LATCHKEY_TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/mysql' },
]
const statement = (sql) => ({ sql, args: [], argTypes: [] })

/** One connection for statements of our own; several in one string on MySQL. */
export async function connectTo({ name, url }) {
  if (name === 'postgresql') return new PrismaPg({ connectionString: url, max: 1, connectionTimeoutMillis: 1000 }).connect()
  const { hostname: host, port, username: user, password } = new URL(url)
  const settings = { host, port: Number(port || 3306), user, password: decodeURIComponent(password), multipleStatements: true }
  const limits = { connectionLimit: 1, connectTimeout: 1000, acquireTimeout: 1000, initializationTimeout: 1000 }
  return new PrismaMariaDb({ ...settings, ...limits }, { useTextProtocol: true }).connect()
}

/** Runs statements one after another on a connection of their own and gives the last one's rows. */
export async function onServer(place, ...statements) {
  const connection = await connectTo(place)
  try {
    let rows
    for (const sql of statements) ({ rows } = await connection.queryRaw(statement(sql)))
    return rows
  } finally {
    await connection.dispose()
  }
}

const reaches = (host, port) =>
  new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 1000 })
    const end = (open) => {
      socket.destroy()
      resolve(open)
    }
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false))
  })

async function probe(place) {
  const { hostname, port } = new URL(place.url)
  if (!(await reaches(hostname, Number(port || { postgresql: 5432, mysql: 3306 }[place.name])))) return { ...place, missing: 'not reachable' }
  try {
    const [[version]] = await onServer(place, place.name === 'mysql' ? 'SELECT VERSION()' : 'SHOW server_version')
    const [, number, suffix = ''] = /^([\d.]+)(.*)/.exec(version)
    return { ...place, version: `${/mariadb/i.test(suffix) ? 'mariadb' : place.name} ${number}` }
  } catch (error) {
    return { ...place, missing: `refuses us (${(error.cause?.originalMessage ?? error.message).split('\n')[0]})` }
  }
}

/** SQLite always, PostgreSQL and MySQL or MariaDB with why they are missing where they are. LATCHKEY_TEST_ONLY=sqlite narrows it. */
export async function allProviders() {
  const only = process.env.LATCHKEY_TEST_ONLY?.split(',')
  const probed = candidates.map((one) => (only && !only.includes(one.name) ? { ...one, missing: 'not asked for' } : probe(one)))
  const sqlite = { name: 'sqlite', url: '', version: 'sqlite', ...(only && !only.includes('sqlite') ? { missing: 'not asked for' } : {}) }
  return [sqlite, ...(await Promise.all(probed))]
}

export const providersToTest = async () => (await allProviders()).filter(({ missing }) => !missing)

export const reachesRedis = () => {
  const { hostname, port } = new URL(process.env.LATCHKEY_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379')
  return reaches(hostname, Number(port || 6379))
}
