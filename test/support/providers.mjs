import net from 'node:net'

// LATCHKEY_TEST_POSTGRES_URL and LATCHKEY_TEST_MYSQL_URL, else the standard local ports and users. Databases are made and dropped there.
const candidates = [
  { name: 'postgresql', url: process.env.LATCHKEY_TEST_POSTGRES_URL ?? `postgresql://${process.env.PGUSER ?? 'postgres'}@127.0.0.1:5432/postgres` },
  { name: 'mysql', url: process.env.LATCHKEY_TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/mysql' },
]

const isOpen = (url) =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = net.connect({ host: hostname, port: Number(port), timeout: 1000 })
    const end = (open) => {
      socket.destroy()
      resolve(open)
    }
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false))
  })

/** SQLite always, PostgreSQL and MySQL or MariaDB where they can be reached. LATCHKEY_TEST_ONLY=sqlite narrows it. */
export async function providersToTest() {
  const only = process.env.LATCHKEY_TEST_ONLY?.split(',')
  const reachable = await Promise.all(candidates.map(async (one) => ((await isOpen(one.url)) ? [one] : [])))
  return [{ name: 'sqlite', url: '' }, ...reachable.flat()].filter(({ name }) => !only || only.includes(name))
}
