/** The cron: every task on its own, so that one that fails holds up no other. Safe to run twice at once. */
import { expireActions } from './actions/expiry-store.ts'
import { expireFiles, removeOrphans, resendOverdue } from './exports/clean-up.ts'
import { eachDatabase, newMeter } from './platform/database.ts'
import { sweepRecords } from './platform/idempotency.ts'
import { logFailure, logStep } from './platform/request-log.ts'
import type { Sweep } from './platform/sweep.ts'
import { sweepSignIns, takeOverdueMails } from './sessions/store.ts'
import { readSettings } from './settings.ts'

const TASKS: readonly ((sweep: Sweep) => Promise<void>)[] = [
  resendOverdue,
  resendCodes,
  expireFiles,
  removeOrphans,
  storeExpiries,
  deleteUseless,
]

export async function sweepAll(env: Env): Promise<void> {
  const meter = newMeter()
  const settings = readSettings(env)
  const now = Date.now()
  for (const database of eachDatabase(env, meter)) {
    for (const task of TASKS) {
      await task({ env, settings, database, meter, now }).catch((error: unknown) => {
        logFailure(`sweep.${task.name}`, error)
      })
    }
  }
  logStep('sweep.done', {}, meter)
}

/** Sends the message for a sign-in mail again that nobody has heard of. */
async function resendCodes({ env, database, meter, now }: Sweep): Promise<void> {
  const [codes] = await database.batch([takeOverdueMails(database, now)])
  for (const { id } of codes) await env.SIGN_IN_MAIL.send({ codeId: id })
  if (codes.length > 0) logStep('sweep.codes', { codes: codes.length }, meter)
}

/** Writes down expiries that every read computes already. */
async function storeExpiries({ database, now }: Sweep): Promise<void> {
  await database.batch(expireActions(database, now))
}

async function deleteUseless({ database, now }: Sweep): Promise<void> {
  await database.batch([sweepRecords(database, now), ...sweepSignIns(database, now)])
}
