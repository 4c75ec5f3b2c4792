import { createAuth } from '../src/index.ts'
import { connect } from './connect.ts'
import type { BenchDatabase } from './database.ts'
import { held, printRounds, type Row, shown } from './report.ts'

const USERS = 100_000
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function* users() {
  for (let i = 0; i < USERS; i++) {
    yield {
      email: `import${i}@example.com`,
      emailVerified: true,
      passwordHash: `$2b$10$${'abcdefghijklmnopqrstuv'}${String(i).padStart(31, '0')}`,
      identities: [{ provider: 'old', providerUserId: `old-${i}` }],
    }
  }
}

/** A hundred thousand users with a hash and an identity each: how many a second, and whether memory stays flat on the way. */
export async function importing(place: BenchDatabase): Promise<Row[]> {
  const prisma = await connect(place)
  const auth = createAuth({ prisma, secret: 'bench-only-value-bench-only-value-0001', logger: quiet, cleanup: false, password: { verifyLegacy: ['bcrypt'] } })
  const memory: number[] = []
  const began = performance.now()
  const { imported } = await auth.users.import(users(), {
    resume: 'bench',
    onProgress: ({ line }) => {
      if (line % 10_000 === 0) memory.push(process.memoryUsage().rss / 1e6)
    },
  })
  const seconds = (performance.now() - began) / 1000
  await auth.close()
  await prisma.$disconnect()
  printRounds('memory at each tenth, MB', memory, 0)
  // The first tenth is the compiler's and the pool's.
  const [, second = 1] = memory
  return [
    shown('import: users a second', imported / seconds, '', 0),
    held('import: memory at the end over that at a fifth', (memory.at(-1) ?? 0) / second, { max: 1.5 }),
    held('import: users missing', USERS - imported, { max: 0, digits: 0 }),
  ]
}
