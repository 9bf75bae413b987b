/** The entry points of the worker: requests, queue messages and the cron. */
import { app } from './app.ts'
import { sweepAll } from './sweep.ts'
import { consume } from './queues.ts'

export default {
  fetch: app.fetch,
  async queue(batch, env, context) {
    await consume(batch, env, context)
  },
  async scheduled(_controller, env) {
    await sweepAll(env)
  },
} satisfies ExportedHandler<Env>
