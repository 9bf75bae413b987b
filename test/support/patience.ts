/**
 * Waits that no test sees the end of. An invocation that dies in a test has a call that never ends; it must not come back to life
 * when the patience of database.ts is over, minutes of the test's clock later and perhaps in another test.
 */
const LONGEST_MILLISECONDS = 30_000
const start = globalThis.setTimeout

globalThis.setTimeout = ((callback: () => void, milliseconds = 0) =>
  start(milliseconds > LONGEST_MILLISECONDS ? () => undefined : callback, milliseconds)) as typeof setTimeout
