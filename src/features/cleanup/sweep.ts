import type { AuthContext } from '../../context.ts'
import { isWriteConflict } from '../../prisma-errors.ts'
import type { CleanupDatabase, Sweepable } from './tables.ts'

/** How many rows of each kind were deleted. */
export interface CleanupReport {
  sessions: number
  codes: number
  trustedDevices: number
  messages: number
  counters: number
  changes: number
  auditRows: number
}

// A statement takes its locks for a moment only, and stays within the parameters that every driver allows (F-10).
const BATCH = 500
const DAY_SECONDS = 86_400
const SENT_DAYS = 7
const FAILED_DAYS = 30

/** Deletes what has been over for a day, so that neither a clock that runs ahead nor one set back gives anybody a second try (F-06). `beat` runs before each batch and ends the sweep with false. */
export async function sweep(auth: AuthContext, beat: () => Promise<boolean>): Promise<CleanupReport> {
  const db: CleanupDatabase = auth.db
  const ago = (seconds: number) => new Date(auth.now().getTime() - seconds * 1000)
  const over = { expiresAt: { lt: ago(DAY_SECONDS) } }
  const by = { id: true } as const
  return {
    sessions: await batches(beat, () => deleteSome(db.authSession, over, by, 'id')),
    codes: await batches(beat, () => deleteSome(db.authOtp, over, by, 'id')),
    trustedDevices: await batches(beat, () => deleteSome(db.authTrustedDevice, over, by, 'id')),
    messages:
      (await batches(beat, () => deleteSome(db.authMessage, { sentAt: { lt: ago(SENT_DAYS * DAY_SECONDS) } }, by, 'id'))) +
      (await batches(beat, () => deleteSome(db.authMessage, { sentAt: null, failedAt: { lt: ago(FAILED_DAYS * DAY_SECONDS) } }, by, 'id'))),
    counters: await batches(beat, () => deleteSome(db.authRateLimit, over, { key: true }, 'key')),
    changes: await sweepChanges(db, beat, ago(DAY_SECONDS)),
    auditRows: await batches(beat, () => deleteSome(db.authAuditLog, { at: { lt: ago(auth.options.audit.retain) } }, by, 'id')),
  }
}

async function batches(beat: () => Promise<boolean>, deleteBatch: () => Promise<{ found: number; deleted: number }>) {
  let total = 0
  let conflicts = 0
  while (await beat()) {
    try {
      const { found, deleted } = await deleteBatch()
      total += deleted
      if (found < BATCH || deleted === 0) break
    } catch (error) {
      if (!isWriteConflict(error) || ++conflicts > 3) throw error
    }
  }
  return total
}

/** The condition is asked again by the delete: a row renewed in between stays. */
async function deleteSome<Where, Key extends string>(table: Sweepable<Where, Key>, where: Where, select: Record<Key, true>, key: Key) {
  const rows = await table.findMany({ where, select, take: BATCH })
  if (rows.length === 0) return { found: 0, deleted: 0 }
  const named = { [key]: { in: rows.map((row) => row[key]) } } as Record<Key, { in: string[] }>
  const { count } = await table.deleteMany({ where: { ...where, ...named } })
  return { found: rows.length, deleted: count }
}

/** The newest of the old rows stays: a process that begins reads the feed from there. */
async function sweepChanges({ authChange }: CleanupDatabase, beat: () => Promise<boolean>, before: Date) {
  const last = await authChange.findFirst({ where: { at: { lte: before } }, orderBy: { seq: 'desc' } })
  const end = Number(last?.seq ?? 0)
  return batches(beat, async () => {
    const [first] = await authChange.findMany({ where: {}, orderBy: { seq: 'asc' }, take: 1 })
    const from = Number(first?.seq ?? end)
    if (from >= end) return { found: 0, deleted: 0 }
    const { count } = await authChange.deleteMany({ where: { seq: { gte: from, lt: Math.min(from + BATCH, end) } } })
    return { found: BATCH, deleted: count }
  })
}
