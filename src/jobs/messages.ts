/**
 * Consumers of queues. A message holds ids only and may arrive twice, late or never, so it only hastens what is recorded;
 * each is acknowledged or retried explicitly.
 */
import type * as z from '@zod/mini'
import { newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'

/** Where work begins that is no part of its message. */
export type Background = Pick<ExecutionContext, 'exports'>

export type Consumer = (message: Message, env: Env, context: Background) => Promise<void>

/** A kind of message: how it is recognised, and who settles it. */
interface Kind {
  /** The work of settling the message; null if it is of another kind. */
  begin(message: Message, env: Env, context: Background): Promise<void> | null
}

export function kind<Schema extends z.ZodMiniType>(
  schema: Schema,
  settle: (message: Message, env: Env, body: z.output<Schema>, context: Background) => Promise<void>,
): Kind {
  return {
    begin(message, env, context) {
      const parsed = schema.safeParse(message.body)
      return parsed.success ? settle(message, env, parsed.data, context) : null
    },
  }
}

/**
 * The consumer of messages of these kinds, which are tried in order: one that has all members of another comes before it. A
 * message of no kind is acknowledged, and logged as `unreadable`.
 */
export function consumerOf(unreadable: string, ...kinds: readonly Kind[]): Consumer {
  return async (message, env, context) => {
    for (const each of kinds) {
      const work = each.begin(message, env, context)
      if (work) return work
    }
    logStep(unreadable, { messageId: message.id }, newMeter())
    message.ack()
  }
}
