export interface MessageRow {
  id: string
  channel: string
  kind: string
  userId: string | null
  recipientHash: string
  payload: string | null
  attempts: number
  nextAttemptAt: Date
  claimedBy: string | null
  claimedUntil: Date | null
  lastError: string | null
  createdAt: Date
  sentAt: Date | null
  failedAt: Date | null
}

export type NewMessageRow = Pick<MessageRow, 'id' | 'channel' | 'kind' | 'userId' | 'recipientHash' | 'payload' | 'nextAttemptAt' | 'createdAt' | 'sentAt'>

export interface MessageFilter {
  id?: string
  userId?: string
  sentAt?: null | { lte: Date }
  failedAt?: null | { not: null } | { lte: Date }
  nextAttemptAt?: { lte: Date }
  claimedBy?: string
  claimedUntil?: null | { lte: Date }
  OR?: MessageFilter[]
}

export interface MessagePatch {
  payload?: string | null
  attempts?: number | { increment: number }
  nextAttemptAt?: Date
  claimedBy?: string | null
  claimedUntil?: Date | null
  lastError?: string | null
  sentAt?: Date
  failedAt?: Date | null
}

export interface MessageTables {
  authMessage: {
    create: (args: { data: NewMessageRow; select: { id: true } }) => Promise<{ id: string }>
    createMany: (args: { data: NewMessageRow[] }) => Promise<{ count: number }>
    findMany: (args: { where: MessageFilter; orderBy: { nextAttemptAt: 'asc' }; take: number }) => Promise<MessageRow[]>
    updateMany: (args: { where: MessageFilter; data: MessagePatch }) => Promise<{ count: number }>
    deleteMany: (args: { where: MessageFilter }) => Promise<{ count: number }>
  }
}
