// A process of its own: oidc-provider is published as ES modules that Jest cannot load.
import { startLocalProvider } from '../../examples/playground/provider.ts'

const provider = await startLocalProvider({ redirectUris: process.argv.slice(2) })
console.log(JSON.stringify(provider))
