/** One run of a delivery's life: with its faults, played to the end, and what must be true then. */
import { and, asc, eq, gt } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { Webhook } from 'standardwebhooks'
import { expect, vi } from 'vitest'
import {
  actions,
  companies,
  exports,
  history,
  webhookCursors,
  webhookDeliveries,
  webhooks,
} from '../../../src/db/schema.ts'
import { ACTIONS, PLANS } from '../../support/api.ts'
import { HOUR, MINUTE } from '../../support/clock.ts'
import { createWebhook, type MadeWebhook } from '../../support/webhooks.ts'
import { wrongWeights } from '../../support/weights.ts'
import type { Life } from './deliveries.ts'
import type { FaultPlan } from './faults.ts'
import { insist } from './insist.ts'
import { Machine } from './machine.ts'
import { cleanUp } from './run.ts'
import type { Stage } from './scenarios.ts'
import { home } from '../../support/home.ts'

/** A try as a receiver got it. */
interface Try {
  url: string
  id: string
  body: string
  isSigned: boolean
  status: number
}

interface Played {
  machine: Machine
  life: Life
  noas: MadeWebhook
  marcs: MadeWebhook
  tries: readonly Try[]
  /** The newest number of the company's history before. */
  since: number
}

const database = drizzle(home)
const LATER = 6 * 24 * HOUR
/** By then the sweep sees that a message is lost. */
const OVERDUE = 6_000

/** Plays the run on a stage; returns the number of calls. */
export async function playLife(life: Life, stage: Stage, plan: FaultPlan): Promise<number> {
  const { ana, noa, marc, companyId } = stage.world
  const noas = await createWebhook(noa, { url: 'https://noa.example.com/' })
  const marcs = await createWebhook(marc, { url: 'https://marc.example.com/' })
  const [company] = await database.select().from(companies).where(eq(companies.id, companyId))
  const tries: Try[] = []
  let isDue = life.isDuringTry === true
  const meanwhile = async () => life.meanwhile?.(stage, noas.id)
  const machine = new Machine({
    plan,
    ...(life.provider ? { provider: life.provider } : {}),
    receiver(request, body) {
      const { url } = request
      const toNoa = tries.filter((each) => each.url === noas.url).length + 1
      const status = url === noas.url ? (life.receiver?.(toNoa) ?? 204) : 204
      const secret = url === noas.url ? noas.secret : marcs.secret
      const id = request.headers.get('webhook-id') ?? ''
      tries.push({ url, id, body, status, isSigned: isSignedBy(secret, request, body) })
      return status
    },
    async beforeTry({ url }) {
      if (!isDue || url !== noas.url) return
      isDue = false
      await meanwhile()
    },
  })
  const act = (key: string) =>
    life.isExport
      ? insist(machine, noa, `${PLANS}/${stage.planId}/excel`, undefined, key)
      : insist(machine, ana, ACTIONS, { planId: stage.planId, title: key, assigneeIds: [marc.id] }, key)
  for (let count = 1; count <= (life.actions ?? 1); count += 1) await act(`write ${String(count)}`)
  if (!life.isDuringTry) await meanwhile()
  if (life.isForgotten) machine.forget()
  await settle(machine)
  if (life.isLong) {
    vi.setSystemTime(Date.now() + LATER)
    await act('later')
    await settle(machine)
  }
  const played = { machine, life, noas, marcs, tries, since: company?.historyNumber ?? 0 }
  await check(played)
  await cleanUp()
  await database.batch([database.delete(webhooks), database.delete(webhookCursors), database.delete(actions)])
  return machine.faults.calls
}

function isSignedBy(secret: string, { headers }: Request, body: string): boolean {
  try {
    new Webhook(secret).verify(body, Object.fromEntries(headers))
    return true
  } catch {
    return false
  }
}

/** Delivers messages, and lets the cron run whenever something is due, until nothing is open. */
async function settle(machine: Machine): Promise<void> {
  await machine.drain()
  for (let round = 0; round < 40; round += 1) {
    const due = await earliestDue()
    if (due === null) return
    vi.setSystemTime(Math.max(Date.now() + MINUTE, due + OVERDUE))
    await machine.sweep()
    await machine.drain()
  }
}

/** When what is open is due: deliveries, mails, entries without deliveries, exports; null if nothing is. */
async function earliestDue(): Promise<number | null> {
  const pending = await database
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.status, 'PENDING'))
  const owed = (await database.select().from(webhooks)).flatMap(({ mailDueAt }) => mailDueAt ?? [])
  const others =
    (await database.$count(webhookCursors, eq(webhookCursors.isBehind, true))) +
    (await database.$count(exports, eq(exports.status, 'QUEUED'))) +
    (await database.$count(exports, eq(exports.status, 'BUILDING'))) +
    (await database.$count(exports, eq(exports.status, 'STORED')))
  const times = [...pending.map(({ nextTryAt }) => nextTryAt ?? 0), ...owed, ...(others > 0 ? [0] : [])]
  return times.length > 0 ? Math.min(...times) : null
}

async function check({ machine, life, noas, marcs, tries, since }: Played): Promise<void> {
  const why = machine.faults.done.join('; ') || 'without a fault'
  const { companyId } = noas.user
  const entries = await database
    .select()
    .from(history)
    .where(and(eq(history.companyId, companyId), gt(history.number, since)))
    .orderBy(asc(history.number))
  const writes = life.isExport ? 0 : (life.actions ?? 1) + (life.isLong ? 1 : 0)
  const created = entries.filter(({ type }) => type === 'action.created')
  expect(created.length, why).toBe(writes)
  const rows = await database
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.companyId, companyId))
    .orderBy(asc(webhookDeliveries.type))
  const of = ({ id }: MadeWebhook) => rows.filter(({ webhookId }) => webhookId === id)
  // Once for each entry or export and webhook, and settled. A request that could not send its message has failed its export.
  const unsent = await database
    .select({ id: exports.id })
    .from(exports)
    .where(eq(exports.failureCode, 'QUEUE_UNAVAILABLE'))
  const isUnsent = (exportId: string | null) => unsent.some(({ id }) => id === exportId)
  const ended = of(noas).filter(({ type, exportId }) => type !== 'export.failed' || !isUnsent(exportId))
  expect(
    ended.map(({ type, status }) => [type, status]),
    why,
  ).toEqual(life.ends)
  const about = rows.map(
    ({ webhookId, historyId, exportId }) => `${webhookId} ${historyId ?? exportId ?? ''}`,
  )
  expect(new Set(about).size, why).toBe(rows.length)
  for (const row of rows) expect([row.nextTryAt, row.leaseUntil], why).toEqual([null, null])
  const toMarc = new Set(of(marcs).map(({ historyId }) => historyId))
  for (const { id } of entries) expect(toMarc.has(id), why).toBe(true)
  expect(new Set(of(marcs).map(({ status }) => status)), why).toEqual(
    new Set(life.isExport ? [] : ['DELIVERED']),
  )
  // What was delivered was accepted; every try was signed, with one body for one id.
  const accepted = new Set(tries.filter(({ status }) => status < 300).map(({ id }) => id))
  for (const { id, status } of rows) if (status === 'DELIVERED') expect(accepted.has(id), why).toBe(true)
  expect(
    tries.filter(({ isSigned }) => !isSigned),
    why,
  ).toEqual([])
  const bodies = new Map<string, string>()
  for (const { id, body } of tries) {
    expect(bodies.get(id) ?? body, why).toBe(body)
    bodies.set(id, body)
  }
  if (machine.faults.done.length === 0)
    for (const row of rows) expect(tries.filter(({ id }) => id === row.id)).toHaveLength(row.tries)
  await checkWebhook(machine, life, noas, why)
  expect(await database.$count(webhookCursors, eq(webhookCursors.isBehind, true)), why).toBe(0)
  expect((await wrongWeights()).companies, why).toBeUndefined()
}

/** It is switched off only if its life says so, and then its user has one mail about that. */
async function checkWebhook(
  machine: Machine,
  { isSwitchedOff }: Life,
  { id }: MadeWebhook,
  why: string,
): Promise<void> {
  const [webhook] = await database.select().from(webhooks).where(eq(webhooks.id, id))
  const at = webhook?.switchedOffAt ?? null
  expect([at !== null, webhook?.mailDueAt ?? null], why).toEqual([isSwitchedOff ?? false, null])
  const mails = [...machine.mails].filter(([key]) => key.startsWith('webhook-'))
  const keys = at === null ? [] : [`webhook-switched-off-${id}-${String(at)}`]
  expect(
    mails.map(([key, { size }]) => [key, size]),
    why,
  ).toEqual(keys.map((key) => [key, 1]))
  expect(machine.conflicts, why).toBe(0)
}
