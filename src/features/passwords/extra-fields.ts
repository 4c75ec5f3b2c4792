import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { isStorableJson } from '../../text.ts'

/** The fields that are not ours, as `signup.fields` leaves them. They reach hooks and events, never a column. */
export async function extraFields(auth: AuthContext, rest: Record<string, unknown>): Promise<JsonObject> {
  const { fields } = auth.options.signup
  const result = fields ? await fields.safeParseAsync(rest) : { success: true as const, data: rest }
  if (!result.success) {
    throw new AuthError('VALIDATION_FAILED', { errors: result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })) })
  }
  if (!isStorableJson(result.data))
    throw new AuthError('VALIDATION_FAILED', { errors: [{ path: '', message: 'holds text that cannot be stored, or is nested too deep' }] })
  return result.data as JsonObject
}
