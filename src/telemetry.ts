import type { Counter, Histogram, Tracer } from '@opentelemetry/api'
import type { AuthContext } from './context.ts'
import { AuthError } from './errors.ts'
import { version } from './version.ts'

/** Spans and metrics through OpenTelemetry's API package, where the app has it; nothing where it has not. */
export interface Telemetry {
  /** One span for a request to the router, and its time. No path as it was called, no identifier, no body: they may hold tokens. */
  readonly route: <Value>(route: string, work: () => Promise<Value>) => Promise<Value>
  /** One for each event sent. */
  readonly event: (name: string) => void
}

interface Instruments {
  tracer: Tracer
  duration: Histogram
  events: Counter
  errorStatus: number
}

export function createTelemetry(): Telemetry {
  let instruments: Instruments | undefined
  void loadInstruments().then((loaded) => {
    instruments = loaded
  })
  return {
    route: (route, work) => (instruments ? traced(instruments, route, work) : work()),
    event: (name) => instruments?.events.add(1, { 'latchkey.event': name }),
  }
}

/** The package is the app's to install; without it there is nothing to tell. */
async function loadInstruments(): Promise<Instruments | undefined> {
  try {
    const { trace, metrics, SpanStatusCode } = await import('@opentelemetry/api')
    const meter = metrics.getMeter('latchkey', version)
    return {
      tracer: trace.getTracer('latchkey', version),
      duration: meter.createHistogram('latchkey.route.duration', { unit: 's', description: "Time of requests to latchkey's routes" }),
      events: meter.createCounter('latchkey.events', { description: 'Events sent' }),
      errorStatus: SpanStatusCode.ERROR,
    }
  } catch {
    return undefined
  }
}

function traced<Value>({ tracer, duration, errorStatus }: Instruments, route: string, work: () => Promise<Value>): Promise<Value> {
  return tracer.startActiveSpan(`latchkey ${route}`, { attributes: { 'http.route': route } }, async (span) => {
    const began = performance.now()
    let outcome = 'ok'
    try {
      return await work()
    } catch (error) {
      outcome = error instanceof AuthError ? error.code : 'INTERNAL_ERROR'
      // What a client did wrong is no error of this service.
      if (!(error instanceof AuthError) || error.status >= 500) span.setStatus({ code: errorStatus })
      throw error
    } finally {
      span.setAttribute('latchkey.outcome', outcome)
      span.end()
      duration.record((performance.now() - began) / 1000, { 'http.route': route, 'latchkey.outcome': outcome })
    }
  })
}

/** Counts what is sent to listeners. */
export const countingEvents =
  (emit: AuthContext['emit'], telemetry: Telemetry): AuthContext['emit'] =>
  (name, event) => {
    telemetry.event(name)
    emit(name, event)
  }
