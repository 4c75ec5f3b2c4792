import { account } from './account.js'
import { apiKeys } from './api-keys.js'
import { messages } from './messages.js'
import { otherWaysIn } from './other-ways-in.js'
import { passkeySignIn, passkeys } from './passkeys.js'
import { identities, providerSignIn } from './providers.js'
import { secondFactors } from './second-factors.js'
import { team } from './team.js'

/** What the page shows beside signing in: one file for each feature. `make` gives the element, `draw` gets `/me` or null. */
export const sections = [passkeySignIn, providerSignIn, otherWaysIn, secondFactors, passkeys, identities, account, team, apiKeys, messages]
