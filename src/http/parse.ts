import type { ZodType, z } from 'zod'
import { AuthError, invalidField } from '../errors.ts'
import { inWords } from './in-words.ts'

// Deeper than anything asked for here; a schema that goes down as far as what it is given would run out of stack.
const MOST_LEVELS = 32

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1)))

const issues = (error: z.core.$ZodError) =>
  error.issues.map((issue) => ({
    path: [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.').slice(0, 128),
    message: issue.code === 'unrecognized_keys' ? 'is not known here' : issue.message.slice(0, 256),
  }))

/** The parsed value, and nothing that the schema does not name. Throws VALIDATION_FAILED with each mistake. */
export async function parse<Schema extends ZodType>(schema: Schema | undefined, value: unknown): Promise<z.output<Schema>> {
  if (!schema) return undefined as z.output<Schema>
  if (isDeeper(value, MOST_LEVELS)) throw invalidField('', 'is nested too deep')
  const result = await schema.safeParseAsync(value === undefined ? {} : value, { error: inWords })
  if (result.success) return result.data
  throw new AuthError('VALIDATION_FAILED', { errors: issues(result.error) })
}
