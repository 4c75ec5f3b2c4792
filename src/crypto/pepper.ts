import { createHmac } from 'node:crypto'

type Mix = (password: string) => string

/** Keys outside the database that are mixed into passwords before they are hashed (NIST SP 800-63B-4, 3.1.1.2). The first is used, all verify. */
export interface Peppers {
  /** Which one is used; undefined where there is none. */
  readonly currentId: string | undefined
  readonly mix: Mix
  /** Notes in a hash which pepper went into it: `keyid`, of the PHC string format. */
  readonly mark: (hash: string) => string
  readonly unmark: (hash: string) => string
  /** How to mix for a hash of this `keyid`; undefined for a pepper that is not known. */
  readonly mixFor: (keyid: string | undefined) => Mix | undefined
}

const idOf = (key: string) => createHmac('sha256', key).update('latchkey/pepper').digest('base64').slice(0, 8)
const mixWith =
  (key: string): Mix =>
  (password) =>
    createHmac('sha256', key).update(password).digest('base64')
const unmixed: Mix = (password) => password

export function createPeppers(keys: readonly string[]): Peppers {
  const [current] = keys
  const currentId = current === undefined ? undefined : idOf(current)
  const known = new Map(keys.map((key) => [idOf(key), mixWith(key)]))
  return {
    currentId,
    mix: current === undefined ? unmixed : mixWith(current),
    mark: (hash) => (currentId === undefined ? hash : hash.replace(/(\$m=[^$]*)\$/, `$1,keyid=${currentId}$`)),
    unmark: (hash) => hash.replace(/,keyid=[^$]*/, ''),
    mixFor: (keyid) => (keyid === undefined ? unmixed : known.get(keyid)),
  }
}
