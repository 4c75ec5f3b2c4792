// A process that imports made-up users until it is done or killed. Arguments: provider, database URL, how many.
const [, , provider, url, count] = process.argv as [string, string, string, string, string]
Object.assign(globalThis, { LATCHKEY_PROVIDER: provider, LATCHKEY_URL: url })

async function main() {
  const { clientOf } = await import('./databases.ts')
  const { createAuth } = await import('../../src/index.ts')
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const prisma = clientOf(url)
  const auth = createAuth({ prisma, secret: 'test-only-secret-test-only-secret-0001', logger: quiet, cleanup: false })
  function* users() {
    for (let i = 0; i < Number(count); i++) yield { email: `import${i}@example.com`, identities: [{ provider: 'old', providerUserId: `old-${i}` }] }
  }
  const progress = await auth.users.import(users(), { resume: 'made-up', batch: 20, onProgress: ({ imported }) => void process.send?.({ imported }) })
  await auth.close()
  await prisma.$disconnect()
  process.send?.({ done: progress }, () => process.exit(0))
}

void main()
