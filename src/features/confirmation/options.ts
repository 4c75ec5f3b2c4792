import * as z from 'zod'
import { duration } from '../../durations.ts'

/** How recent a sign-in or confirmation must be for what is sensitive, such as deleting the account. */
export const stepUpOptions = z.strictObject({ maxAge: duration('15m') }).prefault({})
