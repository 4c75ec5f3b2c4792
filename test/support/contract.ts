import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Response } from 'supertest'
import { features } from '../../src/features.ts'
import { openApi } from '../../src/http/openapi.ts'

const routes = features.flatMap((feature) => feature.routes())
const document = openApi(routes, { server: '/auth', version: 'test', cookies: { access: '__Host-lk.access', refresh: '__Host-lk.refresh' } })
const ajv = (addFormats as unknown as (ajv: Ajv2020) => Ajv2020)(new Ajv2020({ strict: false, allErrors: true })).addSchema({ $id: 'openapi', ...document })
const pointer = (...parts: string[]) => parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')
const templates = Object.keys(document.paths).map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`) }))

export { routes }

/** Throws unless an answer is one that the OpenAPI document promises: its status, its media type and its body. */
export function checkAnswer(method: string, url: string, { status, body, headers }: Pick<Response, 'status' | 'body' | 'headers'>) {
  const path = url.split('?')[0]!
  const template = templates.find(({ pattern }) => pattern.test(path))?.path
  const operation = template && (document.paths[template]?.[method] as { responses: Record<string, { content?: Record<string, unknown> }> } | undefined)
  if (!template || !operation) return
  const response = operation.responses[String(status)]
  if (!response) throw new Error(`${method} ${path} answered ${status}, which the OpenAPI document does not name: ${JSON.stringify(body)}`)
  const [type] = String(headers['content-type'] ?? '').split(';')
  if (!response.content) {
    if (type !== '') throw new Error(`${method} ${path} ${status} has a body, which the OpenAPI document does not name`)
    return
  }
  if (!response.content[type!]) throw new Error(`${method} ${path} ${status} is ${type}, which the OpenAPI document does not name`)
  const validate = ajv.compile({ $ref: `openapi#${pointer('paths', template, method, 'responses', String(status), 'content', type!, 'schema')}` })
  if (!validate(body))
    throw new Error(`${method} ${path} ${status} is not as the OpenAPI document says: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`)
}
