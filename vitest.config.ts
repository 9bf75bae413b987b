import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig, defineProject } from 'vitest/config'

const migrations = await readD1Migrations('./migrations')

/** The worker's tests, inside workerd with real bindings. */
const worker = defineProject({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        bindings: {
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
        },
        outboundService() {
          return new Response('blocked', { status: 599 })
        },
      },
    }),
  ],
  test: {
    name: 'worker',
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    disableConsoleIntercept: true,
    testTimeout: 30_000,
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
  test: { projects: [worker, scripts], coverage: { provider: 'istanbul' } },
})
