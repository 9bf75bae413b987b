/**
 * What the cron has done in each database. Each task runs on its own, so that a failing task does not stop the others. Two runs at
 * once do no harm.
 */
import * as z from '@zod/mini'
import { expireActions } from './actions/expiry-store.ts'
import { releaseAddresses, settleAddresses } from './directory/reservations.ts'
import { expireFiles, removeOrphans, resendOverdue } from './exports/clean-up.ts'
import { resendLinkMails } from './exports/link-mails.ts'
import { sweepLinkMails } from './exports/link-mails-store.ts'
import { trimHistory } from './history/clean-up.ts'
import { consumerOf, kind } from './jobs/messages.ts'
import { databaseNames, databaseOf, DatabaseUnavailable, newMeter } from './platform/database.ts'
import { sweepRecords } from './platform/idempotency.ts'
import { type DatabaseName, databaseName } from './platform/place.ts'
import { sendInPortions } from './platform/queue-messages.ts'
import { logFailure, logStep } from './platform/request-log.ts'
import type { Sweep } from './platform/sweep.ts'
import { remindPeople, resendReminders } from './reminders/reminding.ts'
import { sweepKeys } from './sessions/key-store.ts'
import { sweepSignIns, takeOverdueCodes } from './sessions/store.ts'
import { readSettings } from './settings.ts'
import { hastenWebhooks } from './webhooks/clean-up.ts'
import { deleteOldDeliveries, finishDeletion } from './webhooks/deleted-store.ts'

type Task = (sweep: Sweep) => Promise<void>

/** Those that also ask other databases come last: one that does not answer them keeps nothing else waiting. */
const TASKS: readonly Task[] = [
  resendOverdue,
  resendCodes,
  resendLinkMails,
  hastenWebhooks,
  resendReminders,
  expireFiles,
  storeExpiries,
  remindPeople,
  trimHistory,
  deleteUseless,
  settleAddresses,
  releaseAddresses,
  removeOrphans,
]

/** A task that its database fails after so long has waited for it in vain, and the next one would too. */
const HANGING_MILLISECONDS = 20_000
/** Messages of the runs since then may still wait. The latest of them is worth a run, and those before it are not. */
const STALE_MILLISECONDS = 3 * 60_000

/**
 * The cron's run. A single database is swept here. Of several, each is swept by a message of its own, in an invocation with limits
 * of its own; if the queue takes none, all are swept here at once.
 */
export async function runSweep(env: Env): Promise<void> {
  const names = databaseNames(env)
  const sentAt = Date.now()
  if (names.length > 1) {
    try {
      await sendInPortions(
        env.SWEEPS,
        names.map((database) => ({ database, sentAt })),
      )
      return
    } catch (error) {
      logFailure('sweep.send', error)
    }
  }
  await Promise.all(names.map((database) => sweepDatabase(env, database)))
}

/** Sweeps the database of the message. wrangler.toml has none tried again: the next minute brings another one. */
export const consumeSweep = consumerOf(
  'sweep.unreadable',
  kind(z.object({ database: databaseName(), sentAt: z.number() }), async (message, env, body) => {
    if (Date.now() - body.sentAt > STALE_MILLISECONDS) logStep('sweep.stale', {}, newMeter())
    else await sweepDatabase(env, body.database)
    message.ack()
  }),
)

/** Runs all tasks in one database, one after the other, as long as it answers. */
async function sweepDatabase(env: Env, at: DatabaseName): Promise<void> {
  const meter = newMeter()
  const database = databaseOf(env, { database: at }, meter)
  const sweep = { env, settings: readSettings(env), database, meter, now: Date.now() }
  for (const task of TASKS) {
    const begun = Date.now()
    try {
      await task(sweep)
    } catch (error) {
      logFailure(`sweep.${task.name}`, error)
      const hung = Date.now() - begun > HANGING_MILLISECONDS
      if (hung && error instanceof DatabaseUnavailable && error.at === at) return
    }
  }
  logStep('sweep.done', {}, meter)
}

/** Sends the queue message again for sign-in mails that are overdue, since the first message may be lost. */
async function resendCodes({ env, database, meter, now }: Sweep): Promise<void> {
  const [codes] = await database.batch([takeOverdueCodes(database, now)])
  for (const code of codes) await env.SIGN_IN_MAIL.send({ ...code, database: database.at })
  if (codes.length > 0) logStep('sweep.codes', { codes: codes.length }, meter)
}

/** Stores the expiries of actions, which every read computes from the clock already. */
async function storeExpiries({ database, now }: Sweep): Promise<void> {
  await database.batch(expireActions(database, now))
}

async function deleteUseless({ database, now }: Sweep): Promise<void> {
  await database.batch([
    sweepRecords(database, now),
    ...sweepSignIns(database, now),
    sweepKeys(database, now),
    sweepLinkMails(database, now),
    deleteOldDeliveries(database, now),
    ...finishDeletion(database),
  ])
}
