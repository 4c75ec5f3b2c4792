import * as z from 'zod'
import { lasting } from '../../durations.ts'

/** How recent a sign-in or confirmation must be for what is sensitive, such as deleting the account. */
export const stepUpOptions = z.strictObject({ maxAge: lasting('15m') }).prefault({})
