/** The entry points of the worker: requests, queue messages, the cron, and tries of deliveries. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { app } from './app.ts'
import { runSweep } from './sweep.ts'
import type { DatabaseName } from './platform/place.ts'
import { consume } from './queues.ts'
import type { DeliveryInHand } from './webhooks/tries-store.ts'
import { finishTry } from './webhooks/trying.ts'

/** Tries of deliveries to webhooks. Only this worker itself reaches it. */
export class DeliveryTries extends WorkerEntrypoint<Env> {
  /** Has a try go on by itself, whatever becomes of the caller. */
  begin(at: DatabaseName, delivery: DeliveryInHand, lease: number): void {
    this.ctx.waitUntil(finishTry(this.env, at, delivery, lease))
  }
}

export default {
  fetch: app.fetch,
  async queue(batch, env, context) {
    await consume(batch, env, context)
  },
  async scheduled(_controller, env) {
    await runSweep(env)
  },
} satisfies ExportedHandler<Env>
