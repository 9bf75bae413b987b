/** The cron: every step on its own, so that one that fails holds up no other. Safe to run twice at once. */
import { expireActions } from './actions/expiry-store.ts'
import { expireFiles, removeOrphans, resendOverdue, type Sweep } from './exports/sweep.ts'
import { newMeter, openDatabase } from './platform/database.ts'
import { sweepRecords } from './platform/idempotency.ts'
import { logFailure, logStep } from './platform/request-log.ts'
import { sweepSignIns, takeOverdueMails } from './sessions/store.ts'
import { readSettings } from './settings.ts'

const STEPS: readonly ((sweep: Sweep) => Promise<void>)[] = [
  resendOverdue,
  resendCodes,
  expireFiles,
  removeOrphans,
  storeExpiries,
  deleteUseless,
]

export async function sweepAll(env: Env): Promise<void> {
  const meter = newMeter()
  const sweep: Sweep = {
    env,
    settings: readSettings(env),
    database: openDatabase(env.DB, meter),
    meter,
    now: Date.now(),
  }
  for (const step of STEPS) {
    await step(sweep).catch((error: unknown) => {
      logFailure(`sweep.${step.name}`, error)
    })
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
