import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

export interface RunningProvider {
  issuer: string
  clientId: string
  clientSecret: string
  stop: () => Promise<void>
}

/** Starts oidc-provider in a process of its own. */
export async function startOidcProvider(redirectUris: readonly string[]): Promise<RunningProvider> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'run-local-provider.ts'), ...redirectUris], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', () => resolve())
      child.kill()
    })
  const found = await new Promise<Omit<RunningProvider, 'stop'>>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
    createInterface({ input: child.stdout! }).once('line', (line) => resolve(JSON.parse(line)))
  })
  return { ...found, stop }
}

/** A browser with its own cookies, as far as a provider's pages need one. */
export function createBrowser() {
  const jar = new Map<string, string>()
  const load = async (url: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...(init.headers as object), cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
  /** Follows an authorization URL, signs in as `name` and consents; gives what is brought back to the callback. */
  const authorize = async (url: string, name: string, until: string): Promise<Record<string, string>> => {
    let next = url
    let form: URLSearchParams | undefined
    for (let step = 0; step < 12; step++) {
      const answer: Response = await load(next, form ? { method: 'POST', body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } } : {})
      form = undefined
      const location = answer.headers.get('location')
      if (location) {
        next = new URL(location, next).href
        if (next.startsWith(until)) return Object.fromEntries(new URL(next).searchParams)
        continue
      }
      const html = await answer.text()
      const action = /action="([^"]+)"/.exec(html)?.[1]
      const prompt = /name="prompt" value="([^"]+)"/.exec(html)?.[1]
      if (!action || !prompt) throw new Error(`the provider answered ${answer.status}: ${html.replace(/<[^>]+>/g, ' ').slice(0, 300)}`)
      next = new URL(action, next).href
      form = new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt })
    }
    throw new Error('the provider did not come to an end')
  }
  return { authorize }
}
