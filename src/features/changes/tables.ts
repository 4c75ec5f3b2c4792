export interface ChangeRow {
  /** A bigint where the dialect has one. */
  seq: bigint | number
  kind: string
  subjectId: string
  at: Date
}

export type NewChange = Omit<ChangeRow, 'seq'>

export interface ChangeTables {
  authChange: {
    create: (args: { data: NewChange; select: { kind: true } }) => Promise<{ kind: string }>
    createMany: (args: { data: NewChange[] }) => Promise<{ count: number }>
    findMany: (args: { where: { seq?: { gt: number }; at?: { gt: Date } }; orderBy: { seq: 'asc' }; take: number }) => Promise<ChangeRow[]>
    findFirst: (args: { where: { at: { lte: Date } }; orderBy: { seq: 'desc' } }) => Promise<ChangeRow | null>
  }
}
