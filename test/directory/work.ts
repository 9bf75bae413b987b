/** Work of every kind that the background does, all due, and whether it is done. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import * as schema from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newId } from '../../src/platform/new-id.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import type { Background } from '../support/background.ts'
import { DAY, HOUR, MINUTE } from '../support/clock.ts'
import { dumpDatabase } from '../support/dump.ts'
import { pretendSent } from '../support/exports.ts'
import {
  insertAccessKey,
  insertAction,
  insertDeliveries,
  insertExport,
  insertPlan,
  insertReminder,
  insertSession,
  insertUser,
  insertWebhook,
} from '../support/factories.ts'
import { DATABASES, HOME, home, livingIn } from '../support/home.ts'
import type { World } from '../support/world.ts'

export interface Work {
  /** Rows of the sweep's to delete, by table. */
  useless: Record<string, string>
  stuck: string
  /** Its file belongs to nothing any more. */
  orphaned: string
  expiring: string
  actionId: string
  reminded: string
  /** The database in which it is. */
  at: DatabaseName
  /** One of each kind, with its queue. */
  messages: [queue: string, body: object][]
}

/** Has nothing be due that other tests have left in any database. */
export async function forgetWork(): Promise<void> {
  for (const d1 of Object.values(DATABASES)) {
    const database = drizzle(d1)
    const { webhooks, exports, signInCodes, linkMails, reminders } = schema
    for (const table of [webhooks, linkMails, exports, signInCodes, reminders]) await database.delete(table)
    await database.update(schema.webhookCursors).set({ isBehind: false })
    await database.update(schema.companies).set({ remindersDueAt: Number.MAX_SAFE_INTEGER })
  }
}

/** Leaves work of every kind due, all of one company. */
export async function leaveWork({ companyId, marc }: World, background: Background): Promise<Work> {
  const database = drizzle(home)
  const now = Date.now()
  const old = now - 31 * DAY
  const plan = await insertPlan({ companyId, createdBy: marc.id })
  const ofExport = { companyId, planId: plan.id, requestedBy: marc.id }
  const { id: stuck } = await insertExport({ ...ofExport, nextAttemptAt: now - HOUR })
  await insertExport({ ...ofExport, requestedAt: now - DAY, status: 'STORED', expiresAt: now + DAY })
  await insertExport({ ...ofExport, requestedAt: now - DAY, status: 'BUILDING' })
  const { id: expiring } = await insertExport(ofExport)
  await pretendSent(expiring, 'plan.xlsx', -HOUR)
  await insertExport({ ...ofExport, status: 'FAILED', failureMail: 'OWED', nextAttemptAt: now - HOUR })
  await insertExport({ ...ofExport, waitingSince: now - HOUR, nextAttemptAt: now + HOUR })
  const { id: orphaned } = await insertExport(ofExport)
  await pretendSent(orphaned)
  await database
    .update(schema.exports)
    .set({ status: 'FAILED', expiresAt: null })
    .where(eq(schema.exports.id, orphaned))
  const { id: forgotten } = await insertExport({ ...ofExport, status: 'EXPIRED', expiresAt: old })
  const mail = { companyId, exportId: expiring, userId: marc.id, locale: 'en' as const, linkKeyId: 'k2' }
  const linkMail = { ...mail, linkExpiresAt: now, createdAt: now - HOUR, mailDueAt: now - HOUR }
  const owedMail = { ...linkMail, id: newId(now) }
  const settled = { ...linkMail, id: newId(old), createdAt: old, mailDueAt: null, settledAt: old }
  await database.insert(schema.linkMails).values([owedMail, settled])
  const code = {
    emailHash: await sha256Hex(marc.email),
    addressHash: 'x',
    userId: marc.id,
    locale: 'en' as const,
  }
  const owedCode = { ...code, id: newId(now), createdAt: now, expiresAt: now + MINUTE, mailDueAt: now - 1 }
  const oldCode = { ...code, id: newId(old), createdAt: old, expiresAt: old }
  await database.insert(schema.signInCodes).values([owedCode, oldCode])
  const session = { id: newId(old), companyId, userId: marc.id, expiresAt: old }
  await insertSession(session)
  const key = { companyId, userId: marc.id, keyHash: newId(old), expiresAt: old, revokedAt: old }
  const { id: keyId } = await insertAccessKey(key)
  const record = { id: newId(old), companyId, bodyHash: 'x', facts: '{}', createdAt: old }
  await database.insert(schema.idempotencyRecords).values(record)
  const webhook = { companyId, userId: marc.id }
  const { id: deletedHook } = await insertWebhook({ ...webhook, active: false, deletedAt: old })
  const { id: offHook } = await insertWebhook({ ...webhook, active: false, switchedOffAt: now })
  const owed = { mailDueAt: now - 1, mailLocale: 'en' as const }
  await database.update(schema.webhooks).set(owed).where(eq(schema.webhooks.id, offHook))
  const { id: webhookId } = await insertWebhook(webhook)
  const delivery = { companyId, webhookId }
  const [due] = await insertDeliveries([
    { ...delivery, nextTryAt: now - MINUTE },
    { ...delivery, lane: 'idle', leaseUntil: 0 },
    { ...delivery, nextTryAt: null, status: 'DELIVERED', createdAt: old },
    { ...delivery, webhookId: deletedHook, nextTryAt: null, status: 'FAILED' },
  ])
  await database
    .update(schema.history)
    .set({ recordedAt: now - 400 * DAY })
    .where(eq(schema.history.companyId, companyId))
  const cursor = { companyId, number: 0, isBehind: true }
  await database.insert(schema.webhookCursors).values(cursor).onConflictDoUpdate({
    target: schema.webhookCursors.companyId,
    set: cursor,
  })
  const { id: remindedLately } = await insertUser({ companyId })
  const reminder = await insertReminder({ companyId, userId: remindedLately, mailDueAt: now - MINUTE })
  // Somewhere it is about ten in the morning.
  const hours = ((46 - new Date(now).getUTCHours()) % 24) - 12
  const timeZone = `Etc/GMT${hours > 0 ? '-' : '+'}${String(Math.abs(hours))}`
  await database
    .update(schema.companies)
    .set({ timeZone, remindersDueAt: 0 })
    .where(eq(schema.companies.id, companyId))
  const { id: reminded } = await insertUser({ companyId })
  await insertAction({ plan, dueDate: now - MINUTE, assignees: [{ userId: reminded }] })
  const { id: actionId } = await insertAction({
    ...{ plan, dueDate: now - MINUTE, expiresAt: now - MINUTE },
    assignees: [{ userId: marc.id, status: 'IN_PROGRESS', startedAt: now - HOUR }],
  })
  background.exports.length = 0
  const useless = {
    ...{ exports: forgotten, link_mails: settled.id, sign_in_codes: oldCode.id, sessions: session.id },
    ...{ access_keys: keyId, idempotency_records: record.id, webhooks: deletedHook },
  }
  const of = { companyId, database: HOME }
  const messages: Work['messages'] = [
    [env.EXPORTS_QUEUE, { ...of, exportId: stuck }],
    [env.EXPORTS_QUEUE, { ...of, exportId: expiring, linkMailId: owedMail.id }],
    [env.SIGN_IN_MAIL_QUEUE, { codeId: owedCode.id, database: HOME }],
    [env.WEBHOOKS_QUEUE, of],
    [env.WEBHOOKS_QUEUE, { ...of, deliveryId: due?.id }],
    [env.WEBHOOKS_QUEUE, { ...of, webhookId: offHook }],
    [env.REMINDERS_QUEUE, { ...of, reminderId: reminder.id }],
  ]
  return { at: HOME, useless, orphaned, stuck, expiring, actionId, reminded, messages }
}

/** What is left to do of the work, by name. */
export async function undone({
  at,
  useless,
  stuck,
  expiring,
  actionId,
  reminded,
  orphaned,
}: Work): Promise<string[]> {
  const all = await livingIn(at, dumpDatabase)
  const rowsOf = (table: string) =>
    (all[table] ?? []).map((row) => JSON.parse(row) as Record<string, unknown>)
  const one = (table: string, id: string) => rowsOf(table).find((row) => row.id === id)
  const isDone: Record<string, boolean> = {
    stuck: Number(one('exports', stuck)?.next_attempt_at) > Date.now() - MINUTE,
    expiring: one('exports', expiring)?.status === 'EXPIRED',
    expired: one('actions', actionId)?.status === 'EXPIRED',
    reminded: rowsOf('reminders').some((row) => row.user_id === reminded),
    orphan: rowsOf('export_files').every((row) => row.export_id !== orphaned),
    history: rowsOf('history').every((row) => Number(row.recorded_at) > Date.now() - 2 * DAY),
    ...Object.fromEntries(
      Object.entries(useless).map(([table, id]) => [table, one(table, id) === undefined]),
    ),
  }
  return Object.keys(isDone).filter((name) => isDone[name] !== true)
}
