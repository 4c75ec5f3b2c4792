import type { AuthContext } from '../../context.ts'
import { AuthError, invalidField } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isStorableJson } from '../../text.ts'

/**
 * The fields that are not ours, as `signup.fields` leaves them. They reach hooks and events, never a column; what repeats the password
 * or is named like one reaches neither.
 */
export async function extraFields(auth: AuthContext, rest: Record<string, unknown>, password: string): Promise<JsonObject> {
  const { fields } = auth.options.signup
  const result = fields ? await fields.safeParseAsync(rest) : { success: true as const, data: rest }
  if (!result.success) {
    throw new AuthError('VALIDATION_FAILED', { errors: result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })) })
  }
  if (!isStorableJson(result.data)) throw invalidField('', 'holds text that cannot be stored, or is nested too deep')
  return withoutPasswords(result.data as JsonObject, password)
}

/** Forms send a password twice, under many names. */
const isSecret = (name: string, value: unknown, password: string) => value === password || (typeof value === 'string' && /passw(or)?d/i.test(name))

const withoutPasswords = (fields: JsonObject, password: string): JsonObject =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => !isSecret(name, value, password))
      .map(([name, value]) => [name, cleaned(value, password)]),
  )

function cleaned(value: Json | null, password: string): Json | null {
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value)
    ? value.filter((one) => one !== password).map((one: Json | null) => cleaned(one, password))
    : withoutPasswords(value as JsonObject, password)
}
