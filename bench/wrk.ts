import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { CONNECTIONS, type Hammer, type Hammered } from './hammer.ts'
import { onCore } from './processes.ts'

/** Whether https://github.com/wg/wrk is installed. It takes less of its core than a client in Node, so that the server's core is what a figure is of. */
export const hasWrk = spawnSync('wrk', ['--version']).error === undefined

/** The same as `hammer`, by wrk. Whole seconds only. */
export async function hammerByWrk({ url, headers = {}, milliseconds }: Hammer): Promise<Hammered> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const [command, ...args] = onCore('load', ['wrk', '-t', '1', '-c', String(CONNECTIONS), '-d', `${Math.ceil(milliseconds / 1000)}s`, ...fields, url])
  const { stdout } = await promisify(execFile)(command!, args)
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every answer was a 200: ${stdout}`)
  const read = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1])
  return { requests: read(/(\d+) requests in/), perSecond: read(/Requests\/sec:\s+([\d.]+)/) }
}
