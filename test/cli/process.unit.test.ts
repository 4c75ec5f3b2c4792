import { spawn, spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { cliApp, datasource, root } from '../support/cli-app.ts'

const command = ['--import', path.join(root, 'node_modules/tsx/dist/loader.mjs'), path.join(root, 'src/cli/index.ts')]
const bare = { PATH: process.env.PATH }

test('.env of the working directory is read, and what is set already stays', () => {
  const { cwd } = cliApp({
    '.env': 'AUTH_SECRET=from-the-file\nAUTH_URL=from-the-file\n',
    'latchkey.config.mjs': "throw new Error(['read', process.env.AUTH_SECRET, process.env.AUTH_URL].join(' '))\n",
  })
  const { stdout } = spawnSync(process.execPath, [...command, 'doctor'], { cwd, encoding: 'utf8', env: { ...bare, AUTH_URL: 'from-outside' } })
  expect(stdout).toMatch(/read from-the-file from-outside/)
})

test('a folder of that name, or none at all, is no matter', () => {
  const { cwd } = cliApp({ '.env/nothing': '' })
  expect(spawnSync(process.execPath, [...command, 'secret'], { cwd, encoding: 'utf8', env: bare })).toMatchObject({ status: 0, stderr: '' })
})

test('a reader that has seen enough, such as head, ends it without a word', async () => {
  const { cwd } = cliApp({})
  const child = spawn(process.execPath, [...command, 'sql', '--dialect', 'sqlite'], { cwd, env: bare })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (chunk) => void (said += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect([code, said]).toEqual([0, ''])
})

test.each([['doctor'], ['keys', 'list'], ['purge'], ['admin', 'create', '--email', 'a@example.com'], ['import', 'users.csv']])(
  'options that cannot be loaded are told in a line: %s',
  (...args) => {
    const { cwd } = cliApp({ 'package.json': '{}', 'users.csv': '', 'src/latchkey.config.js': "require('@acme/nowhere')\n" })
    const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], { cwd, encoding: 'utf8', env: bare })
    expect(status).toBe(1)
    expect(stdout + stderr).toMatch(/src\/latchkey\.config\.js cannot be loaded: Cannot find module '@acme\/nowhere'$/m)
    expect(stdout + stderr).not.toMatch(/Require stack|^ +at /m)
  },
)

test('doctor says which options it looked over, and that there may be others, where no file has them', () => {
  const generator = `generator client {\n  provider = "prisma-client"\n  output   = "${path.join(root, 'generated/sqlite')}"\n}\n`
  const { cwd } = cliApp({ 'package.json': '{}', 'prisma/schema.prisma': datasource('sqlite') + generator })
  symlinkSync(path.join(root, 'node_modules'), path.join(cwd, 'node_modules'))
  const env = { ...bare, DATABASE_URL: `file:${cwd}/own.db`, AUTH_SECRET: 'n3Uq8xV1sLr5Zt0Yw7Kc2Bd9Gf4Hj6Mp' }
  const { stdout } = spawnSync(process.execPath, [...command, 'doctor'], { cwd, encoding: 'utf8', env })
  expect(stdout).toMatch(/warning: there is no latchkey\.config file here or in src: these are DATABASE_URL and AUTH_SECRET alone.*\n.*--config/)
  expect(stdout).toMatch(/error: the database lacks auth_users/)
  const nothing = spawnSync(process.execPath, [...command, 'doctor'], { cwd, encoding: 'utf8', env: bare })
  expect(nothing.stdout).toMatch(/error: the options cannot be read: there is no latchkey\.config file here or in src: name one with --config/)
  const bareImport = cliApp({ 'package.json': '{}', 'latchkey.config.mjs': "import './prisma'\n" })
  const unloaded = spawnSync(process.execPath, [...command, 'doctor'], { cwd: bareImport.cwd, encoding: 'utf8', env: bare })
  expect(unloaded.stdout).toMatch(/latchkey\.config\.mjs cannot be loaded: Cannot find module .*\nNode wants imports with their extension/)
})

test('doctor says of a client that was generated before the models came what to run', () => {
  const options = `export default { prisma: { $transaction() {} }, secret: 'n3Uq8xV1sLr5Zt0Yw7Kc2Bd9Gf4Hj6Mp' }\n`
  const { cwd } = cliApp({ 'latchkey.config.mjs': options })
  const { status, stdout } = spawnSync(process.execPath, [...command, 'doctor'], { cwd, encoding: 'utf8', env: bare })
  expect(status).toBe(1)
  expect(stdout).toMatch(/prisma: the generated client lacks AuthUser, .*: run npx prisma generate.*\n +Run `npx prisma generate`\.$/m)
})
