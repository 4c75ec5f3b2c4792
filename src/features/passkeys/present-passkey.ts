import type { PasskeyRow } from './tables.ts'

/** What people see of a passkey. */
export interface Passkey {
  id: string
  name: string | null
  deviceType: 'singleDevice' | 'multiDevice'
  /** Synced by the platform. */
  backedUp: boolean
  /** Which model made it; for its icon and name. */
  aaguid: string | null
  createdAt: Date
  lastUsedAt: Date | null
}

export const presentPasskey = ({ id, name, deviceType, backedUp, aaguid, createdAt, lastUsedAt }: PasskeyRow): Passkey => ({
  id,
  name,
  deviceType: deviceType === 'multiDevice' ? 'multiDevice' : 'singleDevice',
  backedUp,
  aaguid,
  createdAt,
  lastUsedAt,
})
