import { defineConfig } from 'vitest/config'

/** The pages in a real browser: `npm run test:browser`. Needs Chromium, which npm does not bring. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.spec.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
