/** `npm run company -- import …`: a file of any size, checked whole, then stored in batches that can be taken up again. */
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { select } from '../../src/db/rows.ts'
import { companies } from '../../src/db/schema.ts'
import { staysHere } from '../../src/directory/staying-store.ts'
import type { FileDraft } from '../../src/imports/drafts.ts'
import type { ImportError } from '../../src/imports/error-list.ts'
import { lookUp } from '../../src/imports/lookup-store.ts'
import { type ImportPlan, planImport } from '../../src/imports/planning.ts'
import { soughtIn } from '../../src/imports/sought.ts'
import { insertImported, isStillImportable, PIECE_CHARACTERS } from '../../src/imports/store.ts'
import { historySets, insertHistory } from '../../src/platform/history-store.ts'
import { newIds } from '../../src/platform/new-id.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { guardRow } from '../../src/platform/write.ts'
import { partsOf } from './file-parts.ts'
import { executeAt, homeToStay } from './homes.ts'
import type { ImportWish } from './options.ts'
import { count, progressBar } from './progress.ts'
import { builder, run } from './statements.ts'
import type { Execute, Stores } from './stores.ts'

/** The row of `write_guards` that these batches replace. */
const GUARD_ROW = 3
/** About how many plans and actions are stored in one step. */
const BATCH = 1000
const MOST_TRIES = 5
const SHOWN_ERRORS = 100

interface Company {
  id: string
  timeZone: string
  at: DatabaseName
}

/**
 * Imports the file, or only checks it.
 * @returns what happened, for the operator
 * @throws Error that lists what is wrong with the file; then nothing of it was stored
 */
export async function importFile(wish: ImportWish, stores: Stores): Promise<string> {
  const isFile = await stat(wish.file).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) throw new Error(`Nothing was stored: there is no file ${wish.file}.`)
  const company = await companyOf(wish.companyId, stores)
  const execute = executeAt(stores, company.at)
  const total = await check(wish.file, company, execute)
  const what = `${count(total.plans, 'plan')} and ${count(total.actions, 'action')}`
  if (wish.dryRun)
    return `${what}, of which ${total.created.toLocaleString('en')} are new. Nothing was stored.`
  const all = total.plans + total.actions
  // A single batch has no progress to show.
  const show = all > BATCH ? progressBar('plans and actions', all) : () => undefined
  const stored = { created: 0, unchanged: 0 }
  show(0)
  for await (const part of partsOf(wish.file, BATCH)) {
    const { counts } = await store(part, company, stores)
    stored.created += counts.created
    stored.unchanged += counts.unchanged
    show(stored.created + stored.unchanged)
  }
  const { created, unchanged } = stored
  return `${what}: ${created.toLocaleString('en')} were stored, ${unchanged.toLocaleString('en')} were there already.`
}

function newSeen() {
  return { plans: new Set<string>(), actions: new Set<string>() }
}

/** The company with that id, or the only one there is. */
async function companyOf(id: string | null, stores: Stores): Promise<Company> {
  const query = select(builder, { id: companies.id, timeZone: companies.timeZone })
    .from(companies)
    .where(id === null ? staysHere(companies.id) : eq(companies.id, id))
    .limit(2)
  const home = id === null ? null : await homeToStay(stores, id)
  const sought = id === null ? stores.databases : home === null ? [] : [home]
  const found = await Promise.all(
    sought.map(async (at) => {
      const [rows] = (await run(executeAt(stores, at), [query])) as [Omit<Company, 'at'>[]]
      return rows.map((row) => ({ ...row, at }))
    }),
  )
  const [company, other] = found.flat()
  if (company && !other) return company
  throw new Error(
    company
      ? 'Nothing was stored: there are several companies, name one with --company.'
      : `Nothing was stored: there is no ${id === null ? '' : 'such '}company.`,
  )
}

/** Looks at the whole file before anything is stored. Throws an Error that lists what is wrong with it. */
async function check(file: string, company: Company, execute: Execute) {
  const total = { plans: 0, actions: 0, created: 0 }
  const errors: ImportError[] = []
  let left = 0
  const seen = newSeen()
  for await (const part of partsOf(file, BATCH)) {
    const plan = await decide(part, company, execute, seen)
    total.plans += plan.counts.plans
    total.actions += plan.counts.actions
    total.created += plan.counts.created
    errors.push(...plan.errors.listed().slice(0, SHOWN_ERRORS - errors.length))
    left += plan.errors.total
  }
  if (left === 0) return total
  const more = left > errors.length ? [`  and ${left - errors.length} more`] : []
  const lines = errors.map((error) =>
    'line' in error
      ? `  line ${error.line}: ${error.message}`
      : `  ${error.sheet}!${error.cell}: ${error.message}`,
  )
  throw new Error(`Nothing was stored; the file has errors:\n${[...lines, ...more].join('\n')}`)
}

type Seen = ReturnType<typeof newSeen>

async function decide(part: FileDraft, company: Company, execute: Execute, seen: Seen): Promise<ImportPlan> {
  const { id: companyId, timeZone } = company
  const { statements, found } = lookUp(
    builder,
    { companyId, importer: '', pieces: PIECE_CHARACTERS },
    soughtIn(part),
  )
  const rows = await run(execute, statements)
  const importer = { id: null, role: 'ADMIN' } as const
  return planImport(part, found(rows), { importer, now: Date.now(), timeZone, idsFor: newIds, seen })
}

/** Stores what is new of a part in one atomic batch. What is there already is skipped, so that a part may come again. */
async function store(part: FileDraft, company: Company, stores: Stores): Promise<ImportPlan> {
  const execute = executeAt(stores, company.at)
  for (let tries = 1; ; tries += 1) {
    // Doubles were found when the whole file was checked.
    const plan = await decide(part, company, execute, newSeen())
    const [error] = plan.errors.listed()
    if (error) throw new Error(`Something has changed since the file was checked: ${error.message}`)
    const now = Date.now()
    const ownership = { companyId: company.id, importer: '', now, pieces: PIECE_CHARACTERS }
    const author = { companyId: company.id, userId: null, via: 'OPERATOR' } as const
    const isThere = staysHere(company.id)
    const holds = sql`CASE WHEN ${isThere} AND ${isStillImportable(plan, ownership, false)} THEN 1 END`
    try {
      if (plan.counts.created > 0)
        await run(execute, [
          guardRow(builder, GUARD_ROW, sql`1`, holds),
          ...historySets(plan.history, PIECE_CHARACTERS).map((entries) =>
            insertHistory(builder, entries, { author, now }),
          ),
          ...insertImported(builder, plan, ownership),
        ])
      return plan
    } catch (problem) {
      if (tries >= MOST_TRIES) {
        // Says so if the company is on its way to another database.
        await homeToStay(stores, company.id)
        throw problem
      }
      await sleep(200 * tries)
    }
  }
}
