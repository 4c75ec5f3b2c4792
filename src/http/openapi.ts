import * as z from 'zod'
import { type AuthErrorCode, errorCodes } from '../errors.ts'
import { type Route, routeName } from './route.ts'

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    retryAfter: { type: 'integer', description: 'Seconds' },
    errors: {
      type: 'array',
      items: { type: 'object', required: ['path', 'message'], properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    reasons: {
      type: 'array',
      description: 'Why a password was refused (PASSWORD_TOO_WEAK)',
      items: { type: 'object', required: ['code', 'message'], properties: { code: { type: 'string' }, message: { type: 'string' } } },
    },
    methods: { type: 'array', description: 'How the user may confirm (STEP_UP_REQUIRED)', items: { type: 'string' } },
  },
}

/** What any route can answer with. */
const common: readonly AuthErrorCode[] = [
  'VALIDATION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'CSRF_REJECTED',
  'CAPTCHA_FAILED',
  'CONFLICT',
  'TOO_MANY_REQUESTS',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
]
const ofSignedIn: readonly AuthErrorCode[] = [
  'UNAUTHENTICATED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'SESSION_REVOKED',
  // Where the request names its tenant in the header.
  'TENANT_MISMATCH',
  'TENANT_SUSPENDED',
  'NOT_A_MEMBER',
]

interface JsonSchema {
  properties?: Record<string, object>
  required?: string[]
  anyOf?: JsonSchema[]
}

/** zod's JSON value, which points to itself: what reads the document would follow it round and round, so it is any value there (`{}`). */
const isJsonValue = (name: string) => /^__schema\d+$/.test(name)
const anyValue = /\{"\$ref":"#\/\$defs\/__schema\d+"\}/g

// `id` names a shape once, and definitions then point to it; here each route spells its shapes out.
const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _schema, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  const named = Object.fromEntries(Object.entries($defs).filter(([name]) => !isJsonValue(name)))
  const text = JSON.stringify({ ...rest, $defs: named })
    .replaceAll(anyValue, '{}')
    .replaceAll('#/$defs/', '#/components/schemas/')
  return JSON.parse(text) as Record<string, unknown> & { $defs: Record<string, unknown> }
}

/** OpenAPI 3.1, from the route table. `server` is where the router is mounted, `cookies` the names of those with a session's tokens. */
export function openApi(
  routes: readonly Route[],
  { server, version, cookies }: { server: string; version: string; cookies: Record<'access' | 'refresh', string> },
) {
  const schemas: Record<string, unknown> = { Problem: problem }
  const lift = (schema: z.ZodType, io: 'input' | 'output') => {
    const { $defs, ...rest } = schemaOf(schema, io)
    Object.assign(schemas, $defs)
    return rest
  }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, lift) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'latchkey', version },
    servers: [{ url: server }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: cookies.access },
        refreshCookie: { type: 'apiKey', in: 'cookie', name: cookies.refresh },
      },
    },
  }
}

function operation(route: Route, lift: (schema: z.ZodType, io: 'input' | 'output') => JsonSchema) {
  const json = (schema: object) => ({ 'application/json': { schema } })
  const form = (schema: object) => ({ 'application/x-www-form-urlencoded': { schema } })
  const page = { description: 'A page', content: { 'text/html': { schema: {} } } }
  const answers = Object.entries(route.answers).map(([status, schema]) => [
    status,
    route.pages?.includes(Number(status))
      ? page
      : { description: schema ? 'Done' : 'Done, without a body', ...(schema && { content: json(lift(schema(), 'output')) }) },
  ])
  const body = route.body && lift(route.body, 'input')
  const parameters = [
    ...(route.params ? parametersOf(lift(route.params, 'input'), 'path') : []),
    ...(route.query ? parametersOf(lift(route.query, 'input'), 'query') : []),
    ...headersOf(route, JSON.stringify(answers).includes('/MfaRequiredAnswer"')),
  ]
  return {
    operationId: routeName(route)
      .replace(/[^A-Za-z]+/g, '_')
      .toLowerCase()
      .replace(/_$/, ''),
    summary: route.summary,
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: needsSomething(body), content: (route.form ? form : json)(body) } }),
    responses: { ...Object.fromEntries(answers), ...problemAnswers(route) },
  }
}

/** An empty one among them: it may come without. */
function securityOf({ access, continuesSession, knowsCaller }: Route) {
  if (continuesSession === 'refresh') return [{}, { refreshCookie: [] }]
  if (access === 'public' && !continuesSession && !knowsCaller) return []
  return [...(access === 'public' ? [{}] : []), { bearer: [] }, { cookie: [] }]
}

const transportHeader = {
  name: 'X-Auth-Transport',
  in: 'header',
  required: false,
  description: 'Where tokens travel. In cookie transport a client that is no browser, and so sends neither Sec-Fetch-Site nor Origin, has to send it.',
  schema: { type: 'string', enum: ['bearer', 'cookie'] },
}
const deviceHeader = {
  name: 'X-Trusted-Device',
  in: 'header',
  required: false,
  description: 'The trustedDeviceToken of a device that is not asked for a second factor; a browser has the cookie.',
  schema: { type: 'string' },
}

const headersOf = ({ method, form }: Route, asksForFactor: boolean) => [
  ...(method === 'GET' || form ? [] : [transportHeader]),
  ...(asksForFactor ? [deviceHeader] : []),
]

function parametersOf({ properties = {}, required = [] }: JsonSchema, place: 'path' | 'query') {
  return Object.entries(properties).map(([name, schema]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema }))
}

/** Whether an empty object is none of what the schema takes. */
const needsSomething = ({ required = [], anyOf = [] }: JsonSchema): boolean => required.length > 0 || (anyOf.length > 0 && anyOf.every(needsSomething))

/** One answer for each status, naming the codes it can carry; a status that is also an ordinary answer keeps that. */
function problemAnswers(route: Route) {
  const stepUp: readonly AuthErrorCode[] = route.access === 'recent' ? ['STEP_UP_REQUIRED'] : []
  const feature: readonly AuthErrorCode[] = route.enabled ? ['FEATURE_DISABLED'] : []
  const codes = [...common, ...(route.access === 'public' ? [] : ofSignedIn), ...stepUp, ...feature, ...(route.errors ?? [])]
  const byStatus = groupByStatus([...new Set(codes)])
  const entries = [...byStatus].filter(([status]) => !(status in route.answers))
  return Object.fromEntries(
    entries.map(([status, ofStatus]) => [
      String(status),
      { description: ofStatus.join(', '), content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    ]),
  )
}

function groupByStatus(codes: readonly AuthErrorCode[]) {
  const groups = new Map<number, AuthErrorCode[]>()
  for (const code of codes) groups.set(errorCodes[code].status, [...(groups.get(errorCodes[code].status) ?? []), code])
  return groups
}
