import { isIPv4, isIPv6 } from 'node:net'

const LONGEST = 512
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
const withPort = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/
const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

/**
 * An address in one spelling: an IPv4 address that came over IPv6 is that IPv4 address, and a port that a proxy put behind it is not
 * part of it. Null for what is none: where the app trusts every proxy, a client writes what it likes.
 */
export function canonicalIp(given: string | undefined): string | null {
  if (given === undefined) return null
  const [, bracketed, dotted] = withPort.exec(given) ?? []
  const [ip = ''] = (bracketed ?? dotted ?? given).split('%')
  if (isIPv4(ip)) return ip
  if (!isIPv6(ip)) return null
  const short = new URL(`http://[${ip}]`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join('.')
}

/** What a browser says it is, as far as it can be kept and shown. */
export const plainUserAgent = (text: string | undefined) => text?.replace(control, '').toWellFormed().slice(0, LONGEST) ?? null
