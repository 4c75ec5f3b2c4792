/** A bounded map that forgets what has not been asked for in a while. */
export interface Generations<Value> {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
  readonly clear: () => void
  readonly size: () => number
}

/**
 * Whatever is asked for is kept among the young; where half the capacity is young, those become the old and the old before them go. That costs one
 * look-up for most of what is found, and no list of who came when.
 */
export function twoGenerations<Value extends object>(capacity: number): Generations<Value> {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  const set: Generations<Value>['set'] = (key, value) => {
    if (young.size >= capacity / 2) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  const get: Generations<Value>['get'] = (key) => {
    const found = young.get(key)
    if (found) return found
    const older = old.get(key)
    if (older) set(key, older)
    return older
  }
  const remove: Generations<Value>['delete'] = (key) => {
    young.delete(key)
    old.delete(key)
  }
  const clear: Generations<Value>['clear'] = () => {
    young = new Map()
    old = new Map()
  }
  return { get, set, delete: remove, clear, size: () => young.size + old.size }
}
