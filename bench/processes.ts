import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Question, Reply } from './questions.ts'

const root = path.resolve(import.meta.dirname, '..')
const built = path.join(root, 'node_modules/.cache/latchkey-bench')
// What servers log costs them what it costs in production, and does not fill the screen.
const serverLog = path.join(built, 'server.log')

/** Builds the package as it is published, of the present source, and compiles the clients and the programs of this folder. */
export function compile() {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  process.env.LATCHKEY_BENCH_ENTRY = path.join(root, 'dist/index.js')
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'bench')], { stdio: 'inherit' })
  writeFileSync(path.join(built, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(serverLog, '')
}

/** Server and load each get a core of their own where `taskset` exists. */
export const canPin = spawnSync('taskset', ['-c', '0,1', 'true']).status === 0
export type Core = 'server' | 'load'
const cores: Record<Core, string> = { server: '0', load: '1' }
/** A command line that runs on that core. */
export const onCore = (core: Core, line: readonly string[]): string[] => [...(canPin ? ['taskset', '-c', cores[core]] : []), ...line]

export interface Program<Ready = unknown> {
  ready: Ready
  /** From the spawn to `ready`, in ms. */
  startedIn: number
  spawnedAt: number
  ask: <Value>(question: string, input?: unknown) => Promise<Value>
  stop: () => Promise<void>
}

interface Start {
  core: Core
  settings?: object
  nodeFlags?: readonly string[]
  /** Gives way to the other programs on its core, so that what it takes to make a load is not in what they measure. */
  givesWay?: boolean
}

/** Starts a compiled program of this folder in a process of its own. */
export async function start<Ready>(
  name: 'server' | 'crowd' | 'client' | 'imports',
  { core, settings = {}, nodeFlags = [], givesWay = false }: Start,
): Promise<Program<Ready>> {
  const node = [process.execPath, ...nodeFlags, path.join(built, 'bench', `${name}.js`)]
  const [command, ...args] = onCore(core, [...(givesWay ? ['nice', '-n', '10'] : []), ...node]) as [string, ...string[]]
  const spawnedAt = performance.now()
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', name === 'server' ? openSync(serverLog, 'a') : 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', LATCHKEY_BENCH: JSON.stringify(settings) },
  })
  const waiting = new Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>()
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready; see server.log in the build folder`)))
    child.on('message', (reply: Reply) => {
      if ('ready' in reply) return resolve(reply.ready as Ready)
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if ('problem' in reply) asked?.reject(new Error(reply.problem))
      else asked?.resolve(reply.value)
    })
  })
  const startedIn = performance.now() - spawnedAt
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code}`))
  })
  return { ready, startedIn, spawnedAt, ask: asker(child, waiting), stop: () => stop(child) }
}

function asker(child: ChildProcess, waiting: Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>) {
  let last = 0
  return <Value>(ask: string, input: unknown = null) =>
    new Promise<Value>((resolve, reject) => {
      const question: Question = { id: ++last, ask, input }
      waiting.set(question.id, { resolve, reject })
      child.send(question)
    })
}

async function stop(child: ChildProcess) {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}
