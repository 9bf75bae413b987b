import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig, defineProject } from 'vitest/config'

const migrations = await readD1Migrations('./migrations')

/** The worker's plugin and the bindings of its tests: inside workerd, with real bindings. */
function workerd(further: { home: string; d1Databases?: Record<string, string> }) {
  const { home, d1Databases = {} } = further
  return cloudflareTest({
    wrangler: { configPath: './wrangler.toml' },
    miniflare: {
      // REPLICA stands for a copy of the tests' database (test/support/replica.ts).
      d1Databases: { ...d1Databases, REPLICA: 'replica' },
      bindings: {
        TEST_HOME: home,
        TEST_MIGRATIONS: migrations,
        TEST_LENGTH: process.env.TEST_LENGTH ?? 'short',
        RATE_LIMITS: 'off',
        MAIL_API_URL: 'https://mail.test',
        MAIL_API_KEY: 'test-mail-key',
        SIGN_IN_CODE_SECRET: 'test-sign-in-code-secret-of-32-bytes!',
        DERIVED_KEYS_SECRET: 'test-derived-keys-secret-of-32-bytes!!',
        LINK_SIGNING_KEY: 'k2:test-link-signing-key-current-32-chars',
        LINK_SIGNING_KEY_PREVIOUS: 'k1:test-link-signing-key-previous-32-char',
      },
      // A sink: tests deliver messages themselves, so no consumer runs while a file is torn down.
      queueProducers: {
        EXPORTS: { queueName: 'test-sink' },
        SIGN_IN_MAIL: { queueName: 'test-sink' },
        WEBHOOKS: { queueName: 'test-sink' },
        REMINDERS: { queueName: 'test-sink' },
        SWEEPS: { queueName: 'test-sink' },
      },
      outboundService() {
        return new Response('blocked', { status: 599 })
      },
    },
  })
}

const SETTING = {
  setupFiles: ['./test/setup.ts'],
  isolate: false,
  disableConsoleIntercept: true,
  testTimeout: 30_000,
}

/** All tests, with one database. */
const worker = defineProject({
  plugins: [workerd({ home: 'DB' })],
  test: {
    ...SETTING,
    name: 'worker',
    include: ['test/**/*.test.ts'],
    exclude: ['test/directory/**'],
  },
})

/**
 * The same through the public door with three databases, where companies are in `DB_2`; and what is about several. Left out:
 * counts of calls and rows, which several databases add to, what looks at SQL alone, a fortnight of sweeps, and all but the long
 * run of fault sweeps.
 */
const databases = defineProject({
  plugins: [workerd({ home: 'DB_2', d1Databases: { DB_2: 'second', DB_3: 'third' } })],
  test: {
    ...SETTING,
    name: 'databases',
    include: ['test/**/*.test.ts'],
    exclude: [
      ...(process.env.TEST_LENGTH === 'long' ? [] : ['test/reliability/*faults*']),
      'test/db/**',
      'test/**/*costs*',
      'test/**/*at-size*',
      'test/reminders/mondays*',
      'test/exports/workbook/**',
    ],
  },
})

/** The project's own commands, as processes on Node; one after the other, as each starts a whole worker. */
const scripts = defineProject({
  test: {
    name: 'scripts',
    include: ['test/scripts/**/*.spec.ts'],
    testTimeout: 300_000,
    hookTimeout: 30_000,
    fileParallelism: false,
    // After the worker's tests: both at once would only wait for each other's processor time.
    sequence: { groupOrder: 1 },
  },
})

export default defineConfig({
  test: { projects: [worker, databases, scripts], coverage: { provider: 'istanbul' } },
})
