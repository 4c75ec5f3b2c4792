import { providersToTest } from './test/support/providers.mjs'

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.(ts|js|mjs)$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } }] },
  // Published as ES modules only, so Jest has to translate them.
  transformIgnorePatterns: ['node_modules/(?!(uuid|jose|@scure|@noble|@otplib|@simplewebauthn|openid-client|oauth4webapi)/)'],
  // Prisma's compiler comes in both module systems.
  moduleNameMapper: { '^(@prisma/client/runtime/query_compiler.*)\\.mjs$': '$1.js' },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/packages/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
}

const providers = await providersToTest()

export default {
  globalSetup: './test/support/global-setup.mjs',
  globalTeardown: './test/support/global-teardown.mjs',
  maxWorkers: 2,
  // A worker keeps what every suite has loaded; this one is replaced before it takes the machine's memory.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 120_000,
  projects: [
    { ...common, displayName: 'unit', testRegex: '\\.unit\\.test\\.ts$' },
    ...providers.map(({ name, url }) => ({
      ...common,
      displayName: name,
      testRegex: '(?<!\\.unit)\\.test\\.ts$',
      globals: { LATCHKEY_PROVIDER: name, LATCHKEY_URL: url },
    })),
  ],
}
