/** The sheet Actions of an export, put back: what exists is left as it is, and what was added to the sheet is made. */
import { beforeEach, describe, expect, it } from 'vitest'
import { PATH_SEPARATOR, SHEET_COLUMNS, type SheetColumn } from '../../src/actions/sheet-columns.ts'
import ExcelJS from 'exceljs'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { ACTIONS, call, createAction, createPlan, PLANS, type Slice, takeStep } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { DAY, letPass } from '../support/clock.ts'
import { dumpDatabase } from '../support/dump.ts'
import { askForPortfolio, fileOf } from '../support/exports.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, openSession, type World } from '../support/world.ts'
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

it.each(['planId', 'plan', 'actionId'] as const)('has no error of Excel as its %s', async (column) => {
  // exceljs writes such a cell from an object.
  const broken = { error: '#REF!' } as unknown as CellIn
  const row = { planId: 'p', plan: 'A plan', actionId: 'a', title: 'An action', [column]: broken }
  const reply = await importWorkbook(world.marc, await sheetOf('en', [row]))
  expect(reply.body.errors).toMatchObject([{ sheet: 'Sheet1', message: 'holds an error of Excel' }])
})

it('cannot be read by whom it is not meant for: there it is new', async () => {
  const plan = await createPlan(world.ana, { visibility: 'PRIVATE' })
  const action = await createAction(world.ana, plan.id)
  const row = { planId: plan.id, plan: plan.title, actionId: action.id, title: action.title }
  const reply = await importWorkbook(world.marc, await sheetOf('en', [row]))
  expect(reply.body).toMatchObject({ created: 2, unchanged: 0, errors: [] })
})

const DESCRIPTION = 'Why; "and\n\nhow"'

/** A whole second, as a workbook shows it. */
const due = (after: number) => new Date(Math.ceil((Date.now() + after) / 1000) * 1000).toISOString()

describe.each(['en', 'es'] as const)('the file that an export of all plans makes in %s', (language) => {
  async function exported(): Promise<{
    marc: World['marc']
    file: Uint8Array
    actionIds: string[]
    planIds: string[]
  }> {
    const { companyId, ana, noa } = world
    await call(world.marc, 'PATCH', '/api/v1/company/me', { body: { language } })
    const top = await insertHierarchy({ companyId, name: 'A; B / C' })
    const inner = await insertHierarchy({ companyId, name: 'Warehouse', parentId: top.id })
    const open = await createPlan(world.marc, {
      ...{ title: '=1+1', visibility: 'PUBLIC', description: DESCRIPTION },
    })
    const secret = await createPlan(noa, { title: 'Secret plan' })
    const late = await createAction(world.marc, open.id, {
      ...{
        title: '_x0041_ <&>',
        description: 'Line\n line',
        dueDate: due(DAY),
      },
      ...{ hierarchyIds: [inner.id, top.id], assigneeIds: [noa.id, ana.id] },
      focusItems: [{ focusType: 'SCORE', focusId: 'a; "b": c' }, { focusType: 'HI' }, { focusType: 'ENPS' }],
    })
    const done = await createAction(world.marc, open.id, { origin: 'AI', visibility: 'PRIVATE' })
    await takeStep(world.marc, done.id, 'COMPLETED')
    const shared = await createAction(noa, secret.id, { title: 'Shared one', assigneeIds: [world.marc.id] })
    letPass(2 * DAY)
    const marc = { ...world.marc, session: await openSession(world.marc) }
    const background = catchBackground()
    const asked = await askForPortfolio(marc)
    await deliverExports(background)
    const ids = { actionIds: [late.id, done.id, shared.id], planIds: [open.id, secret.id] }
    return { marc, file: await fileOf(asked), ...ids }
  }

  it('changes nothing when it is put back', async () => {
    const { marc, file } = await exported()
    const before = await dumpDatabase()
    const reply = await importWorkbook(marc, file, { dryRun: false })
    expect([reply.status, reply.body]).toEqual([
      200,
      { plans: 2, actions: 3, created: 0, unchanged: 5, errors: [] },
    ])
    expect(await dumpDatabase()).toEqual(before)
  })

  it('brings back what was deleted', async () => {
    const { marc, file, actionIds } = await exported()
    const [late = '', done = ''] = actionIds
    const was = await call(marc, 'GET', `${ACTIONS}/${late}`)
    for (const id of [late, done]) await call(marc, 'DELETE', `${ACTIONS}/${id}`)
    const reply = await importWorkbook(marc, file, { dryRun: false })
    expect([reply.status, reply.body]).toEqual([
      200,
      { plans: 2, actions: 3, created: 2, unchanged: 3, errors: [] },
    ])
    const list = await call<{ result: Record<string, unknown>[] }>(marc, 'GET', ACTIONS)
    const back = list.body.result.find(({ title }) => title === was.body.title)
    const { description, dueDate, hierarchyIds, focusItems, actionType, status } = was.body
    expect(back).toMatchObject({ description, dueDate, hierarchyIds, focusItems, actionType, status })
  })
  it('brings back a plan that was deleted with its actions', async () => {
    const { marc, file, planIds } = await exported()
    const [open = ''] = planIds
    const was = await call<PlanView>(marc, 'GET', `${PLANS}/${open}`)
    await call(marc, 'DELETE', `${PLANS}/${open}`)
    const reply = await importWorkbook(marc, file, { dryRun: false })
    expect(reply.body).toEqual({ plans: 2, actions: 3, created: 3, unchanged: 2, errors: [] })
    const { body } = await call<Slice<PlanView>>(marc, 'GET', PLANS)
    const back = body.result.find(({ title }) => title === was.body.title)
    expect(back).toMatchObject({ description: DESCRIPTION, visibility: 'PUBLIC' })
    const shown = ({ actions }: PlanView) =>
      actions.map(({ title, description, focusItems, hierarchyIds }) => ({
        ...{ title, description, focusItems, hierarchyIds },
      }))
    expect(shown(back ?? was.body)).toEqual(shown(was.body))
    expect(back?.id).not.toBe(was.body.id)
  })

  it('is taken too if it was made before sheets had the description of a plan', async () => {
    const { marc, file, planIds } = await exported()
    const workbook = new ExcelJS.Workbook()
    await workbook.xlsx.load(file.slice().buffer)
    const sheet = workbook.getWorksheet(language === 'es' ? 'Acciones' : 'Actions')
    const place = COLUMNS.indexOf('planDescription') + 1
    const rows: CellIn[][] = []
    sheet?.eachRow((row) => {
      const values = (row.values as CellIn[]).slice(1)
      rows.push(COLUMNS.map((_, index) => values[index] ?? null).filter((_, index) => index !== place - 1))
    })
    await call(marc, 'DELETE', `${PLANS}/${planIds[0] ?? ''}`)
    const reply = await importWorkbook(marc, await workbookOf(rows), { dryRun: false })
    expect(reply.body).toMatchObject({ created: 3, errors: [] })
  })
})
