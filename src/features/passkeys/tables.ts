export interface PasskeyRow {
  id: string
  userId: string
  credentialId: string
  credentialKey: string
  publicKey: Uint8Array
  counter: bigint | number
  transports: string | null
  deviceType: string
  backedUp: boolean
  aaguid: string | null
  name: string | null
  lastUsedAt: Date | null
  createdAt: Date
}

export interface PasskeyTables {
  authPasskey: {
    findUnique: (args: { where: { credentialKey: string } }) => Promise<PasskeyRow | null>
    findMany: (args: { where: { userId: string; id?: string }; orderBy: { createdAt: 'asc' } }) => Promise<PasskeyRow[]>
    createMany: (args: {
      data: (Omit<PasskeyRow, 'lastUsedAt' | 'counter' | 'publicKey'> & { counter: bigint; publicKey: Uint8Array<ArrayBuffer> })[]
    }) => Promise<{ count: number }>
    updateMany: (args: {
      where: { id: string; userId?: string; counter?: bigint | number }
      data: { counter?: bigint; lastUsedAt?: Date; backedUp?: boolean; name?: string | null }
    }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id?: string; userId: string } }) => Promise<{ count: number }>
  }
}
