import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { cliApp, root } from '../support/cli-app.ts'

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
