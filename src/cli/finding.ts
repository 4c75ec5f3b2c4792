export interface Finding {
  level: 'ok' | 'warning' | 'error'
  what: string
  /** What to do about it. */
  mend?: string
}

export const ok = (what: string): Finding => ({ level: 'ok', what })
export const warning = (what: string, mend: string): Finding => ({ level: 'warning', what, mend })
export const error = (what: string, mend: string): Finding => ({ level: 'error', what, mend })

/** The last line: where Prisma says what went wrong. */
export const messageOf = (reason: unknown) => (reason instanceof Error ? reason.message.trim().split('\n').at(-1) : 'unknown') ?? 'unknown'
