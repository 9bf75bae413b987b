/**
 * No test waits until the patience of database.ts is over. An invocation that dies in a test has a call that never ends; it must not
 * come back to life then, minutes of the test's clock later and perhaps in another test.
 */
const PATIENCE_MILLISECONDS = 35_000
const start = globalThis.setTimeout

globalThis.setTimeout = ((callback: () => void, milliseconds = 0) =>
  start(
    milliseconds === PATIENCE_MILLISECONDS ? () => undefined : callback,
    milliseconds,
  )) as typeof setTimeout
