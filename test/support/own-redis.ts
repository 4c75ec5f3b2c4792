import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { freePort } from './free-port.ts'

const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/valkey-server'].find((file) => existsSync(file))
export const hasRedisProgram = program !== undefined

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** A Redis that a test may stop, as a crash does; it keeps nothing. */
export async function ownRedis() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-redis-'))
  const port = await freePort()
  let running: ChildProcess | undefined
  const start = async () => {
    const quiet = ['--save', '', '--appendonly', 'no', '--daemonize', 'no']
    running = spawn(program!, ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...quiet], { stdio: 'ignore' })
    for (const end = Date.now() + 15_000; !(await answers(port)); ) {
      if (Date.now() > end) throw new Error('Redis did not start')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const stop = () => void running?.kill('SIGKILL')
  await start()
  const remove = () => {
    stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return { url: `redis://127.0.0.1:${port}`, start, stop, remove }
}
