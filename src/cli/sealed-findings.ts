import { deriveSubkeys } from '../crypto/subkeys.ts'
import { countLost } from '../features/cleanup/lost-secrets.ts'
import type { AuthOptions } from '../options.ts'
import { type Finding, ok, warning } from './finding.ts'

/** Whether the secrets open what the database keeps encrypted. Nothing, where it cannot be asked: what is wrong there is told elsewhere. */
export async function sealedFindings({ prisma, secret }: AuthOptions): Promise<Finding[]> {
  const lost = await countLost({ db: prisma, subkeys: deriveSubkeys([secret].flat()) }).catch(() => null)
  if (!lost) return []
  const { authenticatorApps, providerTokens } = lost
  if (authenticatorApps + providerTokens === 0) return [ok('the secrets open what is encrypted')]
  return [
    warning(
      `no secret opens ${authenticatorApps} authenticator apps and ${providerTokens} providers' tokens`,
      'Put the secret they were made under second in `secret`, until cleanup has moved them.',
    ),
  ]
}
