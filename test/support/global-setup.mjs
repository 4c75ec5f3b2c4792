import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { providersToTest } from './providers.mjs'

/** Makes the Prisma clients where they are missing or stale, and says which databases the run uses. */
export default async function setUp() {
  execFileSync(process.execPath, [path.resolve(import.meta.dirname, '../../scripts/generate-clients.mjs')], { stdio: 'inherit' })
  const running = (await providersToTest()).map(({ name }) => name)
  const missing = ['sqlite', 'postgresql', 'mysql'].filter((name) => !running.includes(name))
  console.log(`\ntesting on: ${running.join(', ')}${missing.length > 0 ? `; not reachable, so not tested: ${missing.join(', ')}` : ''}`)
}
