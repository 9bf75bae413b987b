/**
 * The cron. Each task runs on its own, so that a failing task does not stop the others. Two runs at once do no harm.
 */
import { expireActions } from './actions/expiry-store.ts'
import { releaseAddresses, settleAddresses } from './directory/reservations.ts'
import { expireFiles, removeOrphans, resendOverdue } from './exports/clean-up.ts'
import { resendLinkMails } from './exports/link-mails.ts'
import { sweepLinkMails } from './exports/link-mails-store.ts'
import { trimHistory } from './history/clean-up.ts'
import { eachDatabase, newMeter } from './platform/database.ts'
import { sweepRecords } from './platform/idempotency.ts'
import { logFailure, logStep } from './platform/request-log.ts'
import type { Sweep } from './platform/sweep.ts'
import { remindPeople, resendReminders } from './reminders/reminding.ts'
import { sweepKeys } from './sessions/key-store.ts'
import { sweepSignIns, takeOverdueCodes } from './sessions/store.ts'
import { readSettings } from './settings.ts'
import { hastenWebhooks } from './webhooks/clean-up.ts'
import { deleteOldDeliveries, finishDeletion } from './webhooks/deleted-store.ts'

const TASKS: readonly ((sweep: Sweep) => Promise<void>)[] = [
  resendOverdue,
  resendCodes,
  resendLinkMails,
  hastenWebhooks,
  resendReminders,
  expireFiles,
  removeOrphans,
  storeExpiries,
  remindPeople,
  trimHistory,
  deleteUseless,
  settleAddresses,
  releaseAddresses,
]

export async function sweepAll(env: Env): Promise<void> {
  const meter = newMeter()
  const settings = readSettings(env)
  const now = Date.now()
  // All at once, so that one that does not answer keeps none of the others waiting.
  await Promise.all(
    eachDatabase(env, meter).map(async (database) => {
      for (const task of TASKS) {
        await task({ env, settings, database, meter, now }).catch((error: unknown) => {
          logFailure(`sweep.${task.name}`, error)
        })
      }
    }),
  )
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
