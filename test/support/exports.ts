/** Exports for tests: asked for through the API, delivered by hand, or put into a state that takes long to reach. */
import { inArray } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { exportFiles, exports } from '../../src/db/schema.ts'
import { objectKey } from '../../src/exports/files.ts'
import type { ExportMessage, ExportView } from '../../src/exports/schemas.ts'
import { readSettings } from '../../src/settings.ts'
import { readWithExceljs } from '../exports/workbook/read-back.ts'
import { call, createAction, createPlan, PLANS, type Reply } from './api.ts'
import { type Background, type Delivery, deliver, deliverExports } from './background.ts'
import { HOUR, letPass, MINUTE } from './clock.ts'
import type { Person } from './world.ts'
import { HOME, home } from './home.ts'

export const EXPORTS = '/api/v1/company/exports'

/** The contract: how many exports of one company are built at once. */
export const MOST_BUILT_AT_ONCE = 3

/** The contract: a plan of more actions comes in several files. */
export const MOST_ACTIONS_IN_A_FILE = 500

export interface AskedExport {
  id: string
  location: string
  requester: Person
  /** What its consumer gets. */
  message: ExportMessage
}

/** Asks for the export of a plan. */
export async function askForExport(
  requester: Person,
  planId: string,
  headers: Record<string, string> = {},
): Promise<AskedExport> {
  return accepted(requester, await call(requester, 'POST', `${PLANS}/${planId}/excel`, { headers }))
}

/** Asks for the export of all plans, or of what meets the filters. */
export async function askForPortfolio(
  requester: Person,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<AskedExport> {
  return accepted(requester, await call(requester, 'POST', `${PLANS}/excel`, { body, headers }))
}

function accepted(requester: Person, reply: Reply): AskedExport {
  expect([reply.status, reply.text], reply.text).toEqual([200, ''])
  const location = reply.headers.get('Location') ?? ''
  const id = location.split('/').at(-1) ?? ''
  return {
    id,
    location,
    requester,
    message: { companyId: requester.companyId, exportId: id, database: HOME },
  }
}

/** As its requester sees it. */
export async function readExport({ requester, location }: AskedExport): Promise<ExportView> {
  const reply = await call<ExportView>(requester, 'GET', location)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

/** Delivers a message of it, as the `attempts`-th try. */
export async function deliverExport(
  { message }: AskedExport,
  attempts = 1,
  inEnv: Env = env,
): Promise<Delivery> {
  return deliver(env.EXPORTS_QUEUE, message, attempts, inEnv)
}

/** Delivers a message of it that no try could settle. */
export async function buryExport({ message }: AskedExport): Promise<Delivery> {
  return deliver(env.DEAD_LETTER_QUEUE, message)
}

/** An export of a new plan with one action that has been mailed, and the link in the mail. */
export async function sendExportOf(
  requester: Person,
  background: Background,
  fields: Record<string, unknown> = {},
): Promise<AskedExport & { link: string }> {
  const plan = await createPlan(requester, fields)
  await createAction(requester, plan.id)
  const asked = await askForExport(requester, plan.id)
  await deliverExports(background)
  return { ...asked, link: mailedLinks(background)[0] ?? '' }
}

/** The links in the newest mail, as paths. */
export function mailedLinks({ mails }: Background): string[] {
  return [...(mails.at(-1)?.text ?? '').matchAll(/https?:\/\/[^/]+(\/\S+)/g)].map(([, path]) => path ?? '')
}

/** The objects in R2 that belong to it. */
export async function objectsOf({ id }: Pick<AskedExport, 'id'>): Promise<R2Object[]> {
  return (await env.FILES.list({ prefix: objectKey(id, '') })).objects
}

/** The bytes of its files, in order. */
export async function filesOf(asked: AskedExport): Promise<Uint8Array[]> {
  const files = []
  for (const { key } of await objectsOf(asked)) {
    const file = await env.FILES.get(key)
    files.push(new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0)))
  }
  return files
}

/** The bytes of its first file. */
export async function fileOf(asked: AskedExport): Promise<Uint8Array> {
  const [file] = await filesOf(asked)
  return file ?? new Uint8Array()
}

/** Its first file, read by exceljs. */
export async function workbookOf(asked: AskedExport) {
  return readWithExceljs(await fileOf(asked))
}

/** Moves the clock on until leases have run out and the next tries are due. */
export function outliveLeases(): void {
  letPass(2 * MINUTE)
}

type Columns = Partial<typeof exports.$inferInsert>

async function set(asked: readonly Pick<AskedExport, 'id'>[], columns: Columns): Promise<void> {
  const ids = asked.map(({ id }) => id)
  await drizzle(home).update(exports).set(columns).where(inArray(exports.id, ids)).run()
}

/** Puts exports into the state of a long build: frozen, with a lease that holds. */
export async function pretendBuilding(asked: readonly AskedExport[]): Promise<void> {
  const until = Date.now() + MINUTE
  await set(asked, { status: 'BUILDING', frozen: '{}', leaseUntil: until, nextAttemptAt: until })
}

/** Puts exports back into the state before their first try. */
export async function pretendUntried(...asked: readonly AskedExport[]): Promise<void> {
  await set(asked, { status: 'QUEUED', frozen: null, leaseUntil: null, nextAttemptAt: 0 })
}

/** Ends exports without any of the effects that an end has on others. */
export async function pretendFailed(...asked: readonly AskedExport[]): Promise<void> {
  await set(asked, { status: 'FAILED' })
}

/** Puts an export into the state after its mail, with one small file that is kept for `keptFor` milliseconds. */
export async function pretendSent(id: string, name = 'plan.xlsx', keptFor = 24 * HOUR): Promise<void> {
  const now = Date.now()
  const expiresAt = now + keptFor
  const linkKeyId = readSettings(env).LINK_SIGNING_KEY.id
  const text = 'the file'
  await env.FILES.put(objectKey(id, name), text)
  await set([{ id }], { status: 'SENT', finishedAt: now, expiresAt, linkExpiresAt: expiresAt, linkKeyId })
  const file = { exportId: id, position: 1, name, bytes: text.length, sha256: 'x' }
  await drizzle(home).insert(exportFiles).values(file).run()
}
