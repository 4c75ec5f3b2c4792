import { providersToTest } from './providers.mjs'
import { dropTemplates } from './templates.mjs'

export default async function tearDown() {
  await dropTemplates(await providersToTest())
}
