import * as z from 'zod'
import { jsonObject, text } from '../../http/schemas.ts'
import { isPlainText } from '../../text.ts'

const flag = z.union([z.boolean(), z.stringbool()])
const when = z.union([z.iso.datetime({ offset: true }).transform((text) => new Date(text)), z.date()])
const identity = z.strictObject({ provider: text(64), providerUserId: text(255), email: text(320).nullish(), emailVerified: flag.optional() })
const membership = z.strictObject({ tenant: text(64), roles: z.array(text(64)).max(50).optional(), status: z.enum(['active', 'suspended']).optional() })

const schema = z.strictObject({
  email: text(320).nullish(),
  phone: text(40).nullish(),
  username: text(64).nullish(),
  emailVerified: flag.optional(),
  phoneVerified: flag.optional(),
  passwordHash: z.string().max(2000).refine(isPlainText, 'holds characters that are not allowed').nullish(),
  mustChangePassword: flag.optional(),
  locale: text(35).nullish(),
  metadata: jsonObject.nullish(),
  createdAt: when.optional(),
  roles: z.array(text(64)).max(50).optional(),
  identities: z.array(identity).max(20).optional(),
  memberships: z.array(membership).max(200).optional(),
})

/** One user of an import. Unknown fields are refused: a misspelt one would be lost without a word. */
export type ImportedUser = z.input<typeof schema>

export type ImportFields = z.output<typeof schema>

/** The fields of a line, or what is wrong with it. */
export function readFields(input: unknown): ImportFields | string {
  const result = schema.safeParse(input)
  return result.success ? result.data : result.error.issues.map(issueText).join('; ')
}

const issueText = (issue: z.core.$ZodIssue) =>
  issue.code === 'unrecognized_keys' ? `has unknown fields: ${issue.keys.join(', ')}` : `${issue.path.join('.') || 'line'}: ${issue.message}`
