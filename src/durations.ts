import * as z from 'zod'

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const
const pattern = /^(\d{1,9})(s|m|h|d|w)$/

/** `'15m'`-style text (s, m, h, d, w) or whole seconds. */
export type Duration = number | `${number}${keyof typeof secondsPer}`

/** A hundred years: times further off are beyond what databases, and in the end Date, can hold. */
const MOST_SECONDS = 36_525 * secondsPer.d

/** Seconds, or undefined where the value is no duration, or one of more than a hundred years. */
export function parseDuration(value: unknown): number | undefined {
  const seconds = secondsOf(value)
  return seconds !== undefined && seconds <= MOST_SECONDS ? seconds : undefined
}

function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  const [, amount, unit] = (typeof value === 'string' && pattern.exec(value)) || []
  return amount && unit ? Number(amount) * secondsPer[unit as keyof typeof secondsPer] : undefined
}

const durationText = z.custom<Duration>((value) => parseDuration(value) !== undefined, {
  error: ({ input }) => (secondsOf(input) === undefined ? "must be a duration such as '15m', or whole seconds" : 'at most a hundred years'),
})
const isLasting = (seconds: number) => seconds > 0
const seconds = (value: Duration) => parseDuration(value) ?? 0

/** An option that holds a duration; its parsed value is whole seconds. */
export const duration = (fallback: Duration) => durationText.default(fallback).transform(seconds)

/** The same, of what has no meaning at no length. */
export const lasting = (fallback: Duration) => duration(fallback).refine(isLasting, 'at least a second')

/** Likewise, where leaving it out means something of its own. */
export const optionalDuration = () => durationText.transform(seconds).refine(isLasting, 'at least a second').optional()

export const addSeconds = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000)
export const toSeconds = (date: Date) => Math.floor(date.getTime() / 1000)
/** Whole seconds to wait, at least one: what `retryAfter` says. */
export const secondsUntil = (end: Date, now: Date) => Math.max(1, Math.ceil((end.getTime() - now.getTime()) / 1000))
export const earlier = (a: Date, b: Date) => (a < b ? a : b)
/** Now, or where the clock stands still or went back, a moment after `before`: times that tell one state of a row from the next never repeat (F-06). */
export const later = (now: Date, before: Date | null) => (before !== null && before >= now ? new Date(before.getTime() + 1) : now)
