import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { generateSync } from 'otplib'
import { matchTotp, newTotpSecret, totpEnrolment, totpStep } from '../../../src/features/mfa/totp.ts'

// RFC 6238, appendix B; the seeds are ASCII, here in base32.
const seeds = {
  sha1: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  sha256: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====',
  sha512: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA=',
} as const
const vectors = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const

test.each(vectors)('R-114: RFC 6238 vectors at %i seconds', async (epoch, sha1, sha256, sha512) => {
  for (const [algorithm, expected] of [
    ['sha1', sha1],
    ['sha256', sha256],
    ['sha512', sha512],
  ] as const) {
    expect(generateSync({ secret: seeds[algorithm].replaceAll('=', ''), epoch, algorithm, digits: 8, period: 30 })).toBe(expected)
  }
  const now = new Date(epoch * 1000)
  expect(await matchTotp({ secret: seeds.sha1, period: 30 }, sha1.slice(-6), { now, window: 0, after: null })).toBe(totpStep(now, 30))
})

test('the window is in steps, and a step at or before the last one is refused', async () => {
  const secret = await newTotpSecret(randomBytes, 20)
  const totp = { secret, period: 30 }
  const now = new Date('2026-06-01T12:00:00Z')
  const step = totpStep(now, 30)
  const code = (steps: number) => generateSync({ secret, epoch: (step + steps) * 30, digits: 6, period: 30 })
  expect(await matchTotp(totp, code(-1), { now, window: 1, after: null })).toBe(step - 1)
  expect(await matchTotp(totp, code(1), { now, window: 1, after: null })).toBe(step + 1)
  expect(await matchTotp(totp, code(2), { now, window: 1, after: null })).toBeNull()
  expect(await matchTotp(totp, code(0), { now, window: 1, after: step })).toBeNull()
  expect(await matchTotp(totp, ` ${code(0).slice(0, 3)} ${code(0).slice(3)}`, { now, window: 0, after: null })).toBe(step)
  for (const odd of ['', '12345', '1234567', 'abcdef', '１２３４５６', '-12345']) expect(await matchTotp(totp, odd, { now, window: 1, after: null })).toBeNull()
})

const hasOathtool = spawnSync('oathtool', ['--version']).status === 0
;(hasOathtool ? test : test.skip)('R-114: oathtool agrees on a thousand codes, for random seeds, lengths, periods and times', async () => {
  for (let i = 0; i < 50; i++) {
    const secret = await newTotpSecret(randomBytes, randomInt(16, 65))
    const period = randomInt(15, 121)
    const time = randomInt(1_000_000_000, 4_000_000_000)
    const theirs = execFileSync('oathtool', ['--totp', '--base32', '--window=19', `--time-step-size=${period}s`, `--now=@${time}`, secret], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
    expect(theirs).toHaveLength(20)
    for (const [steps, code] of theirs.entries()) {
      const now = new Date((time + steps * period) * 1000)
      expect(await matchTotp({ secret, period }, code, { now, window: 0, after: null })).toBe(totpStep(now, period))
    }
  }
})

test('the otpauth URL names issuer and account, and the QR code is an SVG without script', async () => {
  const { otpauthUrl, qrCode } = await totpEnrolment({ secret: seeds.sha1, period: 60, issuer: 'Acme & Söhne', label: 'ada+"<x>@example.com' })
  const url = new URL(otpauthUrl)
  expect(decodeURIComponent(url.pathname)).toContain('Acme & Söhne:ada+"<x>@example.com')
  expect(url.searchParams.get('secret')).toBe(seeds.sha1)
  expect(url.searchParams.get('issuer')).toBe('Acme & Söhne')
  expect(url.searchParams.get('period')).toBe('60')
  expect(qrCode).toMatch(/^<svg[^>]*viewBox/)
  expect(qrCode).not.toMatch(/script|href|on\w+=/i)
})
