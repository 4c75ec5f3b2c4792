import { randomBytes } from 'node:crypto'
import { encrypt } from '../../src/crypto/encryption.ts'
import { openTicket, sealTicket } from '../../src/crypto/signed-ticket.ts'
import { deriveSubkeys } from '../../src/crypto/subkeys.ts'

const subkeys = deriveSubkeys(['the secret'])
const now = new Date('2026-01-01T00:00:00Z')
const expiresAt = new Date(now.getTime() + 300_000)
const content = { subject: 'user', id: 'ticket-1', expiresAt, data: { amr: ['pwd'], tenant: null } }
const seal = (kind = 'mfa') => sealTicket(subkeys, { kind, ...content }, randomBytes)

test('a ticket opens to what was sealed', () => {
  expect(openTicket(subkeys, 'mfa', seal(), now)).toEqual(content)
})

test('a ticket of one kind does not open as another (R-092)', () => {
  for (const kind of ['tenant', 'password', 'mfa ', 'MFA', '', 'ticket:mfa']) expect(openTicket(subkeys, kind, seal('mfa'), now)).toBeNull()
})

test('a ticket has expired exactly at expiresAt', () => {
  expect(openTicket(subkeys, 'mfa', seal(), new Date(expiresAt.getTime() - 1))).not.toBeNull()
  expect(openTicket(subkeys, 'mfa', seal(), expiresAt)).toBeNull()
})

test('a ticket shows nothing of what is in it and is no JWT', () => {
  const token = seal()
  expect(token.split('.')).toHaveLength(4)
  for (const part of token.split('.')) expect(Buffer.from(part, 'base64url').toString('latin1')).not.toMatch(/user|ticket|pwd/)
})

test('a value encrypted for storage does not open, even under the ticket’s context', () => {
  const stored = encrypt(subkeys, JSON.stringify({ ...content, expiresAt: expiresAt.getTime() }), 'ticket:mfa', randomBytes)
  expect(openTicket(subkeys, 'mfa', stored, now)).toBeNull()
})

test('a rotated secret still opens, a removed one does not', () => {
  const rotated = deriveSubkeys(['the newer secret', 'the secret'])
  expect(openTicket(rotated, 'mfa', seal(), now)).toEqual(content)
  expect(openTicket(subkeys, 'mfa', sealTicket(rotated, { kind: 'mfa', ...content }, randomBytes), now)).toBeNull()
})

test('a ticket with any character exchanged does not open', () => {
  const token = seal()
  for (let at = 0; at < token.length; at++)
    expect(openTicket(subkeys, 'mfa', `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`, now)).toBeNull()
})

test.each(['', 'v1', 'v1...', 'a.b.c', 'x'.repeat(100_000), undefined, null, 1, {}, []])('garbage does not open and nothing throws', (token) => {
  expect(openTicket(subkeys, 'mfa', token as unknown as string, now)).toBeNull()
})
