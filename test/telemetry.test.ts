import { metrics, trace } from '@opentelemetry/api'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { bearer, freshEmail, makeApp, PASSWORD, signUp } from './support/make-app.ts'

const spans = new InMemorySpanExporter()
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
const meters = new MeterProvider({ readers: [reader] })
beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  metrics.setGlobalMeterProvider(meters)
})
afterAll(async () => {
  await meters.shutdown()
  trace.disable()
  metrics.disable()
})

test('K: spans and metrics by route and outcome, with nothing of the person or the request in them', async () => {
  const app = await makeApp()
  await new Promise((resolve) => setTimeout(resolve, 50)) // the API package is loaded beside
  const email = freshEmail()
  const { accessToken, refreshToken } = await signUp(app, { email })
  await app.call('post', '/auth/login', { email, password: 'wrong wrong wrong' }).expect(401)
  await app.call('get', '/auth/me', undefined, bearer(accessToken)).expect(200)
  const told = spans.getFinishedSpans().map(({ name, attributes, status }) => [name, attributes['latchkey.outcome'], status.code])
  expect(told).toEqual([
    ['latchkey POST /signup', 'ok', 0],
    ['latchkey POST /login', 'INVALID_CREDENTIALS', 0],
    ['latchkey GET /me', 'ok', 0],
  ])
  await reader.forceFlush()
  const series = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  const events = series.find(({ descriptor }) => descriptor.name === 'latchkey.events')!
  expect(Object.fromEntries(events.dataPoints.map(({ attributes, value }) => [attributes['latchkey.event'], value]))).toMatchObject({
    'user.registered': 1,
    'login.failed': 1,
  })
  expect(series.find(({ descriptor }) => descriptor.name === 'latchkey.route.duration')!.dataPoints).toHaveLength(3)
  const all = JSON.stringify([spans.getFinishedSpans().map(({ name, attributes, events }) => ({ name, attributes, events })), series])
  for (const secret of [email, PASSWORD, accessToken, refreshToken]) expect(all).not.toContain(secret)
})
