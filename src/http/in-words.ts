import type { z } from 'zod'

const kinds: Record<string, string> = { array: 'an array', object: 'an object', int: 'a whole number' }
const units: Record<string, string> = { string: ' characters', array: ' entries' }

function inBounds({ origin, minimum, maximum }: { origin: string; minimum?: unknown; maximum?: unknown }): string {
  const unit = units[origin]
  if (minimum === 1 && unit !== undefined) return 'must not be empty'
  const verb = unit === undefined ? 'must be' : 'must have'
  return minimum === undefined ? `${verb} at most ${maximum}${unit ?? ''}` : `${verb} at least ${minimum}${unit ?? ''}`
}

/** What is wrong with a field, to be read behind its name by a person; what a schema says in words of its own is left as it is. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`
  if (issue.code === 'too_small' || issue.code === 'too_big') return inBounds(issue)
  if (issue.code === 'invalid_value') return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
  return undefined
}
