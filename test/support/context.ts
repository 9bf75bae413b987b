/** The context of an invocation, for tests that call the worker's doors themselves. */
import { createExecutionContext } from 'cloudflare:test'
import { finishTry } from '../../src/webhooks/trying.ts'

type Begin = typeof finishTry extends (env: Env, ...held: infer Held) => unknown
  ? (...held: Held) => void
  : never

/**
 * A context whose tries of deliveries run in this isolate, with the test's bindings and mocks.
 * @param waitUntil takes the work in place of the context's own
 */
export function contextOf(inEnv: Env, waitUntil?: (work: Promise<unknown>) => void): ExecutionContext {
  const context = createExecutionContext()
  const later = waitUntil ?? context.waitUntil.bind(context)
  const begin: Begin = (...held) => {
    later(finishTry(inEnv, ...held))
  }
  return Object.defineProperties(context, {
    exports: { value: { DeliveryTries: { begin } } },
    waitUntil: { value: later },
  })
}
