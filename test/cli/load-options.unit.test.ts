import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { cliApp, root } from '../support/cli-app.ts'

const { cwd: built } = cliApp({
  'run.mjs': `import { loadOptions } from './load-options.mjs'
try {
  const { prisma, secret } = await loadOptions({ cwd: process.cwd(), env: {} })
  console.log(JSON.stringify({ prisma, secret }))
} catch (error) {
  console.log(error.name + ': ' + error.message)
}`,
})

// Plain JavaScript in a process of its own, as the package has it: what runs the tests would resolve the imports itself.
beforeAll(() => {
  const esbuild = path.join(root, 'node_modules/esbuild/bin/esbuild')
  execFileSync(esbuild, [path.join(root, 'src/cli/load-options.ts'), '--bundle', '--platform=node', '--format=esm', `--outfile=${built}/load-options.mjs`], {
    stdio: 'pipe',
  })
})

function load(files: Record<string, string>, loader?: string) {
  const { cwd } = cliApp({ 'package.json': '{"type":"module"}', ...files })
  mkdirSync(path.join(cwd, 'node_modules'))
  if (loader) symlinkSync(path.join(root, 'node_modules', loader), path.join(cwd, 'node_modules', loader))
  const { stdout, stderr } = spawnSync(process.execPath, [path.join(built, 'run.mjs')], { cwd, encoding: 'utf8' })
  return stdout || stderr
}

const config = "import { prisma } from './src/prisma'\nexport default { prisma, secret: 'x' }\n"
const prisma = "export const prisma: string = 'client'\n"
const loaded = '{"prisma":"client","secret":"x"}\n'

test.each(['tsx', 'jiti'])('options whose imports have no extension are loaded by the app’s %s', (loader) => {
  expect(load({ 'latchkey.config.mjs': config, 'src/prisma.ts': prisma }, loader)).toBe(loaded)
  expect(load({ 'latchkey.config.ts': config, 'src/prisma.ts': prisma }, loader)).toBe(loaded)
  expect(load({ 'latchkey.config.ts': config, 'src/prisma.ts': prisma, 'package.json': '{}' }, loader)).toBe(loaded)
  expect(load({ 'latchkey.config.mjs': config.replace('/prisma', ''), 'src/index.ts': prisma }, loader)).toBe(loaded)
})

test('without one it is said what to do, and an error within the options is told in a line', () => {
  const said = load({ 'latchkey.config.mjs': config, 'src/prisma.ts': prisma })
  expect(said).toMatch(/^CliError: latchkey\.config\.mjs cannot be loaded: Cannot find module .*src\/prisma.*\n.*npm install -D tsx/)
  expect(load({ 'latchkey.config.mjs': "throw new Error('own')" }, 'tsx')).toBe('CliError: latchkey.config.mjs cannot be loaded: own\n')
})

test('what a file of CommonJS cannot find is told by name, without the stack of who required it', () => {
  const files = { 'package.json': '{}', 'latchkey.config.js': "module.exports = require('./nowhere')\n" }
  expect(load(files)).toBe("CliError: latchkey.config.js cannot be loaded: Cannot find module './nowhere'\n")
})

test('the file may lie in src, and one in the folder itself comes first', () => {
  const own = (secret: string) => `export default { prisma: 'client', secret: '${secret}' }\n`
  expect(load({ 'src/latchkey.config.mjs': own('x') })).toBe(loaded)
  expect(load({ 'src/latchkey.config.mjs': own('y'), 'latchkey.config.mjs': own('x') })).toBe(loaded)
})
