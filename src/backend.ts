/** What several processes share beside the database. It may fail at any time: counting goes on in the process, and the change feed is polled as ever (F-04). */
export interface Backend {
  /** Counts one in the window of a key, which begins with the first. Rejects where it cannot say within a tenth of a second. */
  readonly count: (key: string, windowMs: number) => Promise<{ hits: number; msLeft: number }>
  /** Takes one back, or with `all` the whole count. */
  readonly uncount: (key: string, all?: boolean) => Promise<void>
  /** Tells the other processes that the change feed holds something new. */
  readonly announce: () => Promise<void>
  /** `listener` hears of announcements, its own among them, until `signal` is aborted. Resolves once it listens; rejects where it cannot. */
  readonly listen: (listener: () => void, signal: AbortSignal) => Promise<void>
}

const names = ['count', 'uncount', 'announce', 'listen'] as const
export const isBackend = (value: unknown): value is Backend => names.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function')
