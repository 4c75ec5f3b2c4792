const browsers = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?(Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const
const systems = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

const firstMatch = (table: readonly (readonly [string, RegExp])[], text: string) => table.find(([, pattern]) => pattern.test(text))?.[0]

/** A name such as 'Firefox on macOS' for a list of sessions; a guess, and never more than that. */
export function deviceName(userAgent: string | null): string | null {
  if (!userAgent) return null
  const browser = firstMatch(browsers, userAgent)
  const system = firstMatch(systems, userAgent)
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? null)
}
