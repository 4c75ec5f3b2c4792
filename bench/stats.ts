export const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)

export function percentile(values: readonly number[], share: number): number {
  const inOrder = sorted(values)
  return inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  const inOrder = sorted(values)
  const middle = inOrder.length / 2
  return Number.isInteger(middle) ? (inOrder[middle - 1]! + inOrder[middle]!) / 2 : inOrder[Math.floor(middle)]!
}

/** How often a value of `ones` is above one of `others`: 0.5 where one duration tells nothing of its class. */
export function areaUnderCurve(ones: readonly number[], others: readonly number[]): number {
  let wins = 0
  for (const one of ones) for (const other of others) wins += one > other ? 1 : one === other ? 0.5 : 0
  return wins / (ones.length * others.length)
}

export function shuffled<T>(values: readonly T[]): T[] {
  const copy = [...values]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}

export const fixed = (value: number, digits = 2) => value.toFixed(digits)
