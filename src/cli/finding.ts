import { isError } from '../errors.ts'

export interface Finding {
  level: 'ok' | 'warning' | 'error'
  what: string
  /** What to do about it. */
  mend?: string
}

export const ok = (what: string): Finding => ({ level: 'ok', what })
export const warning = (what: string, mend: string): Finding => ({ level: 'warning', what, mend })
export const error = (what: string, mend: string): Finding => ({ level: 'error', what, mend })

/** One line: the last where Prisma or a compiler says what went wrong, and else the first, as Node has it before the stack of what was required. */
export function messageOf(reason: unknown): string {
  if (!isError(reason)) return 'unknown'
  const [before = ''] = reason.message.split('\nRequire stack:')
  const lines = before.trim().split('\n')
  return lines.at(/^Invalid `|:$/.test(lines[0] ?? '') ? -1 : 0) || reason.name
}
