import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(__dirname, '..')
const folder = path.join(root, 'generated/docs')
const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((page) => page.endsWith('.md'))

/** What a block may take for granted: the reader's own app around it. */
const surroundings = `import type { Express, RequestHandler } from 'express'
import type { Server } from 'node:http'
import type { Auth, AuthOptions, Mailer as LatchkeyMailer } from '../../src/index.ts'
import type { PrismaClient } from '../sqlite/client.ts'
declare global {
  type Mailer = LatchkeyMailer
  const auth: Auth, app: Express, server: Server, options: AuthOptions, secret: string, token: string
  const prisma: PrismaClient & { appUser: any }
  const email: string, password: string, name: string, user: { id: string; email: string }, from: Date, to: Date
  const clientId: string, clientSecret: string, clientID: string, teamId: string, keyId: string, privateKey: string
  const list: RequestHandler, create: RequestHandler, books: RequestHandler, admin: RequestHandler, listOrders: RequestHandler
  const twilio: any, queue: any, file: any, passport: any, req: any
  const translate: (locale: string | undefined, key: string) => string
}
`

/** The reader's generated client, with the model of docs/app-user.md. */
const ownClient = `export declare namespace Prisma {
  interface TransactionClient {
    appUser: { create: (args: { data: { authUserId: string; name: string } }) => Promise<unknown> }
  }
}
`

interface Block {
  at: string
  code: string
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(root, page), 'utf8')
  return [...text.matchAll(/^( *)```ts\n([\s\S]*?)^ *```$/gm)].map(({ 1: indent = '', 2: code = '', index }) => ({
    at: `${page}:${text.slice(0, index).split('\n').length}`,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** A module: imports first, and the rest in a function; what begins with \`name:\` are options. */
function moduleOf({ code }: Block): string {
  const lines = code.split('\n')
  const imports = lines.filter((line) => line.startsWith('import '))
  const rest = lines
    .filter((line) => !line.startsWith('import '))
    .join('\n')
    .replace('/* … */', 'prisma, secret,')
    .replaceAll(/^export /gm, '')
  const isOptions = /^\w+: /.test(rest.trimStart())
  const body = isOptions ? `createAuth({ prisma, secret,\n${rest}\n})` : rest
  const known = ['authed', 'AuthError', 'createAuth', 'google', 'oauth'].filter(
    (name) => new RegExp(`\\b${name}\\(`).test(body) && !imports.some((line) => line.includes(name)),
  )
  const assumed = [
    ...(known.length > 0 ? [`import { ${known.join(', ')} } from 'latchkey'`] : []),
    ...(/\bz\./.test(body) ? ["import { z } from 'zod'"] : []),
    ...(/\bexpress\./.test(body) ? ["import express from 'express'"] : []),
    ...(/\brequest\(/.test(body) ? ["import request from 'supertest'"] : []),
  ]
  return [...assumed, ...imports, 'export async function block() {', body, '}', ''].join('\n')
}

/** The blocks as modules beside the app's own, and where each comes from. */
function writeModules(): Map<string, string> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'surroundings.d.ts'), surroundings)
  writeFileSync(path.join(folder, 'db.ts'), "import type { PrismaClient } from '../sqlite/client.ts'\nexport declare const prisma: PrismaClient\n")
  mkdirSync(path.join(folder, 'generated/prisma'), { recursive: true })
  writeFileSync(path.join(folder, 'generated/prisma/client.ts'), ownClient)
  writeFileSync(path.join(folder, 'latchkey.config.ts'), "import type { AuthOptions } from 'latchkey'\nexport default {} as AuthOptions\n")
  const blocks = pages.flatMap(blocksOf)
  const places = new Map(blocks.map(({ at }, i) => [`block-${i}.ts`, at]))
  for (const [i, block] of blocks.entries()) writeFileSync(path.join(folder, `block-${i}.ts`), moduleOf(block))
  const compilerOptions = {
    types: ['node'],
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    paths: { latchkey: ['../../src/index.ts'], 'latchkey/*': ['../../src/*/index.ts'] },
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] }))
  return places
}

test('the TypeScript in the README and the docs compiles as it is printed', () => {
  const places = writeModules()
  expect(places.size).toBeGreaterThan(30)
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: folder,
  })
  const complaints = stdout.replaceAll(/^(block-\d+\.ts)/gm, (file) => places.get(file) ?? file)
  expect(complaints).toBe('')
})

test('docs/requirements.md says what each id stands for that the source, the tests and the docs cite', () => {
  const listed = new Set([...readFileSync(path.join(root, 'docs/requirements.md'), 'utf8').matchAll(/^\| ([RF]-\d+) \|/gm)].map(([, id]) => id))
  const texts = ['src', 'test', 'docs']
    .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)))
    .filter((file) => /\.(ts|md)$/.test(file) && !file.includes('node_modules'))
  const cited = [...texts, 'README.md', 'SECURITY.md'].flatMap((file) => readFileSync(path.join(root, file), 'utf8').match(/\b[RF]-\d{2,3}\b/g) ?? [])
  expect([...new Set(cited)].filter((id) => !listed.has(id))).toEqual([])
})
