import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { inTime } from '../in-time.ts'
import { type Route, routeName } from './route.ts'

const PATIENCE_MS = 5000
const LONGEST_TOKEN = 8192

/**
 * Takes the token out of the body (`captchaToken`) or the header `X-Captcha-Token` and, on the routes of `captcha.routes`, has the app check it; a
 * client that sends one elsewhere is not refused for it. Throws CAPTCHA_FAILED where there is none, it is refused, or the check fails or takes more
 * than five seconds.
 */
export async function checkCaptcha(auth: AuthContext, route: Route, req: Request): Promise<void> {
  const { captcha } = auth.options
  const token = takeToken(req)
  if (!captcha?.routes.includes(routeName(route))) return
  if (token === undefined || token.length > LONGEST_TOKEN) throw new AuthError('CAPTCHA_FAILED')
  const verify = async () => captcha.verify(token, { ip: auth.request?.ip ?? null, route: routeName(route) })
  try {
    const isHuman = await inTime(verify(), PATIENCE_MS, () => new Error(`no answer within ${PATIENCE_MS} ms`))
    if (isHuman !== true) throw new AuthError('CAPTCHA_FAILED')
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    auth.log.warn({ err: cause }, 'captcha.verify failed')
    throw new AuthError('CAPTCHA_FAILED', { cause })
  }
}

function takeToken(req: Request): string | undefined {
  const body = req.body as Record<string, unknown> | undefined
  const fromBody = typeof body === 'object' && body !== null ? body.captchaToken : undefined
  if (fromBody !== undefined) delete body?.captchaToken
  const token = fromBody ?? req.headers['x-captcha-token']
  return typeof token === 'string' && token.length > 0 ? token : undefined
}
