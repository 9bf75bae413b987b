/** The sheet Actions of an export, put back: what exists is left as it is, and what was added to the sheet is made. */
import { beforeEach, expect, it } from 'vitest'
import { PATH_SEPARATOR, SHEET_COLUMNS, type SheetColumn } from '../../src/actions/sheet-columns.ts'
import { createAction, createPlan, takeStep } from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'
import { type CellIn, importWorkbook, workbookOf } from './support.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const COLUMNS = Object.keys(SHEET_COLUMNS) as SheetColumn[]

function sheetOf(
  locale: 'en' | 'es',
  rows: readonly Partial<Record<SheetColumn, CellIn>>[],
): Promise<Uint8Array> {
  const header = COLUMNS.map((column) => SHEET_COLUMNS[column][locale])
  return workbookOf([header, ...rows.map((row) => COLUMNS.map((column) => row[column] ?? null))], 'Sheet1')
}

it.each(['en', 'es'] as const)('in %s', async (locale) => {
  const { companyId, ana, marc, noa } = world
  const top = await insertHierarchy({ companyId, name: 'A; B' })
  const plan = await createPlan(ana, { visibility: 'PUBLIC' })
  const fields = {
    ...{
      actionType: 'COMPANY',
      dueDate: '2030-01-01',
      hierarchyIds: [top.id],
      assigneeIds: [marc.id, noa.id],
    },
    focusItems: [{ focusType: 'SCORE', focusId: 'a; b: c' }],
  }
  const first = await createAction(ana, plan.id, fields)
  await takeStep(marc, first.id, 'COMPLETED')
  const second = await createAction(noa, plan.id, { visibility: 'PRIVATE', assigneeIds: [noa.id, marc.id] })
  const rowOf = ({ id, title, createdBy }: { id: string; title: string; createdBy: string | null }) => ({
    ...{ planId: plan.id, plan: plan.title, planVisibility: locale === 'es' ? 'Público' : 'Public' },
    ...{
      actionId: id,
      title,
      description: 'As it was',
      actionType: locale === 'es' ? 'Empresa' : 'Company',
      origin: 'Manual',
    },
    ...{
      visibility: 'PUBLIC',
      status: locale === 'es' ? 'En curso' : 'In progress',
      completion: 0.5,
      overdue: 'No',
    },
    ...{
      assignees: `${marc.name}; ${noa.name}`,
      assigneeEmails: `${marc.email}; ${noa.email}`,
      assigneeIds: marc.id,
    },
    ...{
      areas: `A; B${PATH_SEPARATOR}C`,
      areaIds: top.id,
      focus: 'Score: a; b: c',
      dueDate: new Date('2030-01-01T23:59:59Z'),
    },
    ...{
      startedAt: new Date('2026-01-01'),
      noteCount: 3,
      createdBy: 'Ana',
      createdByEmail: createdBy === noa.id ? noa.email : ana.email,
    },
    ...{ createdAt: new Date('2026-01-01'), updatedAt: new Date('2026-01-02') },
  })
  const before = await dumpDatabase()
  const rows = [first, second].map(rowOf)
  const same = await importWorkbook(marc, await sheetOf(locale, rows), { dryRun: false })
  expect([same.status, same.body]).toEqual([
    200,
    { plans: 1, actions: 2, created: 0, unchanged: 3, errors: [] },
  ])
  expect(await dumpDatabase()).toEqual(before)

  const added = {
    plan: plan.title,
    title: 'Added',
    assigneeIds: noa.id,
    areaIds: top.id,
    visibility: 'PUBLIC',
  }
  const more = await importWorkbook(marc, await sheetOf(locale, [...rows, added]), { dryRun: false })
  expect(more.body).toEqual({ plans: 1, actions: 3, created: 1, unchanged: 3, errors: [] })
})

it('cannot be read by whom it is not meant for: there it is new', async () => {
  const plan = await createPlan(world.ana, { visibility: 'PRIVATE' })
  const action = await createAction(world.ana, plan.id)
  const row = { planId: plan.id, plan: plan.title, actionId: action.id, title: action.title }
  const reply = await importWorkbook(world.marc, await sheetOf('en', [row]))
  expect(reply.body).toMatchObject({ created: 2, unchanged: 0, errors: [] })
})
