import { both, grantedBy, grants } from '../../../src/features/rbac/grants.ts'

test.each([
  [['invoice:read'], 'invoice:read', true],
  [['invoice:read'], 'invoice:write', false],
  [['invoice:*'], 'invoice:read', true],
  [['invoice:*'], 'invoice:line:read', true],
  [['invoice:*'], 'invoice', false],
  [['invoice:*'], 'invoices:read', false],
  [['invoice:*'], 'invoice:*', true],
  [['invoice:read'], 'invoice:*', false],
  [['invoice:*'], '*', false],
  [['*'], 'anything:at:all', true],
  [['*'], '*', true],
  [[], 'invoice:read', false],
])('%j grants %s: %s', (granted, wanted, expected) => {
  expect(grants(granted, wanted)).toBe(expected)
  expect(grantedBy(granted).can(wanted)).toBe(expected)
})

test('of two, only what both grant', () => {
  const shared = both(grantedBy(['invoice:*', 'report:read']), grantedBy(['invoice:read', 'door:open']))
  expect(shared.list()).toEqual(['invoice:read'])
  expect([shared.can('invoice:read'), shared.can('invoice:write'), shared.can('report:read'), shared.can('door:open')]).toEqual([true, false, false, false])
})
