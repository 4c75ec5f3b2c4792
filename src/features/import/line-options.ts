import * as z from 'zod'
import { jsonObject, password, text } from '../../http/schemas.ts'

/** What databases and their exports write for nothing counts as left out. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)

const flag = optional(z.union([z.boolean(), z.stringbool(), z.literal([0, 1]).transform((bit) => bit === 1)], { error: 'must be true or false, or 1 or 0' }))

/** ISO 8601, or as databases write it: a space in the place of the T, and without a zone in UTC. */
const written = z
  .string()
  .transform((text) => {
    const [, day, time, hours, minutes = '00'] = /^(\S{10})[T ]([\d:.]+)(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/.exec(text) ?? []
    return day === undefined ? text : `${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`
  })
  .pipe(z.iso.datetime({ offset: true }))
const when = optional(
  z.union([written.transform((text) => new Date(text)), z.date()], {
    error: 'must be a time such as 2024-01-31T12:00:00Z, or 2024-01-31 12:00:00 for one in UTC',
  }),
)
const identity = z.strictObject({ provider: text(64), providerUserId: text(255), email: text(320).nullish(), emailVerified: flag })
const membership = z.strictObject({ tenant: text(64), roles: optional(z.array(text(64)).max(50)), status: optional(z.enum(['active', 'suspended'])) })

const schema = z.strictObject({
  email: text(320).nullish(),
  phone: text(40).nullish(),
  username: text(64).nullish(),
  emailVerified: flag,
  phoneVerified: flag,
  password: password.nullish(),
  passwordHash: z.string().nullish(),
  mustChangePassword: flag,
  locale: text(35).nullish(),
  metadata: jsonObject.nullish(),
  createdAt: when,
  roles: optional(z.array(text(64)).max(50)),
  identities: optional(z.array(identity).max(20)),
  tenantId: text(64).nullish(),
  memberships: optional(z.array(membership).max(200)),
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
