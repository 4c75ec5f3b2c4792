/** Sends the same again and again until `stop`, and gives every status that came, and the longest time in ms. */
export function load(send: () => PromiseLike<{ status: number }>) {
  const seen = new Set<number>()
  let [isOn, longest] = [true, 0]
  const done = (async () => {
    while (isOn) {
      const began = performance.now()
      seen.add((await send()).status)
      longest = Math.max(longest, performance.now() - began)
    }
  })()
  return async () => {
    isOn = false
    await done
    return { seen: [...seen].sort(), longest }
  }
}

export const until = async (what: () => Promise<boolean>) => {
  for (const end = Date.now() + 15_000; !(await what()); ) {
    if (Date.now() > end) throw new Error('not within 15 seconds')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
