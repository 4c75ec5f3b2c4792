import type { AuthContext } from '../../context.ts'
import type { UserRow } from '../accounts/tables.ts'

/** What a code belongs to: the account, or the address where no account has it, in its realm. */
export const codeTarget = ({ realm }: AuthContext, user: Pick<UserRow, 'id'> | null, address: string) => (user ? user.id : `nobody:${realm}:${address}`)

/** Of a code that may make an account: the address itself, whoever has it by then. */
export const addressTarget = ({ realm }: AuthContext, address: string) => `address:${realm}:${address}`
