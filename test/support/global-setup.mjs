import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { allProviders, reachesRedis } from './providers.mjs'
import { makeTemplates } from './templates.mjs'

/** Makes the Prisma clients where they are missing or stale and the databases' templates, and says which databases the run uses. */
export default async function setUp() {
  execFileSync(process.execPath, [path.resolve(import.meta.dirname, '../../scripts/generate-clients.mjs')], { stdio: 'inherit' })
  const all = await allProviders()
  const running = all.filter(({ missing }) => !missing)
  console.log(`\ndatabases: ${running.map(({ version }) => version).join(', ')}; redis: ${(await reachesRedis()) ? 'reachable' : 'not reachable'}`)
  for (const { name, missing } of all) if (missing) console.log(`not tested: ${name}, ${missing}`)
  await makeTemplates(running)
}
