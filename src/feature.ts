import type { AuthContext } from './context.ts'
import type { Route } from './http/route.ts'

/** A folder under features/ exports one of these; features.ts lists them. */
export interface Feature {
  readonly name: string
  readonly routes: (auth: AuthContext) => readonly Route[]
}
