import { freshEmail, makeApp } from '../../support/make-app.ts'

async function textOf(parts: AsyncIterable<string>) {
  let text = ''
  for await (const part of parts) text += part
  return text
}

test('the audit log is exported as JSON lines, page after page, each row once (R-200)', async () => {
  const { auth, prisma, clock } = await makeApp()
  const tenantId = 'one-of-its-own'
  const row = { event: 'login', outcome: 'success', actorType: 'user', tenantId }
  const ids = Array.from({ length: 450 }, (_, number) => `0197${String(number).padStart(4, '0')}-0000-7000-8000-000000000000`)
  await prisma.authAuditLog.createMany({ data: ids.map((id) => ({ ...row, id, at: clock.now(), data: { number: 1 } })) })
  const lines = (await textOf(auth.audit.export({ tenantId }))).trimEnd().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(rows.map(({ id }) => id)).toEqual(ids.toReversed())
  expect(rows[0]).toMatchObject({ at: clock.now().toISOString(), event: 'login', outcome: 'success', data: { number: 1 } })
  expect(await textOf(auth.audit.export({ tenantId: 'nobody' }))).toBe('')
})

test('R-182: no cell of a CSV export begins like a formula, and quotes do not end one', async () => {
  const t = await makeApp()
  for (const agent of ['=HYPERLINK("http://evil.example")', '+1', '-1', '@SUM(A1)', 'plain, "quoted"']) {
    await t.call('post', '/auth/login', { email: freshEmail(), password: 'wrong' }, { 'user-agent': agent, 'x-request-id': '=1+1' }).expect(401)
  }
  const [header, ...lines] = (await textOf(t.auth.audit.export({ format: 'csv' }))).trimEnd().split('\r\n')
  expect(header).toBe('id,at,event,outcome,actorId,userId,tenantId,sessionId,ip,userAgent,requestId,data')
  const text = lines.join('\n')
  for (const cell of [`"'=HYPERLINK(""http://evil.example"")"`, `"'+1"`, `"'-1"`, `"'@SUM(A1)"`, `"plain, ""quoted"""`]) expect(text).toContain(cell)
  expect(text).not.toMatch(/"[=+\-@\t]/)
})
