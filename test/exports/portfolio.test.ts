/** The export of all plans: asked for, frozen, built and mailed like that of one. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it } from 'vitest'
import { actions, exportActions, exportPlans, exports } from '../../src/db/schema.ts'
import type { ExportView } from '../../src/exports/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  takeStep,
  USERS,
} from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { DAY, letPass } from '../support/clock.ts'
import { askForPortfolio, filesOf, mailedLinks, readExport, workbookOf } from '../support/exports.ts'
import { readWithExceljs } from './workbook/read-back.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, openSession } from '../support/world.ts'
import { home } from '../support/home.ts'

const EXCEL = `${PLANS}/excel`

type Workbook = Awaited<ReturnType<typeof workbookOf>>

/** The rows of a sheet as texts by header. */
function rowsOf(workbook: Workbook, name: string): Record<string, unknown>[] {
  const sheet = workbook.getWorksheet(name)
  const headers = (sheet?.getRow(1).values as unknown[]).slice(1).map(String)
  const rows: Record<string, unknown>[] = []
  sheet?.eachRow((row, number) => {
    if (number === 1) return
    rows.push(Object.fromEntries(headers.map((header, index) => [header, row.getCell(index + 1).value])))
  })
  return rows
}

describe('a request', () => {
  it('answers as the export of a plan does, and shows an export of the portfolio', async () => {
    const { marc } = await createWorld()
    catchBackground()
    const bare = await call(marc, 'POST', EXCEL, { body: {} })
    expect([bare.status, bare.text]).toEqual([200, ''])
    const headers = { Prefer: 'return=representation', 'Idempotency-Key': 'once' }
    const shown = await call<ExportView>(marc, 'POST', EXCEL, { body: { status: null }, headers })
    expect(shown.headers.get('Location')).toBe(`/api/v1/company/exports/${shown.body.id}`)
    expect(shown.body).toMatchObject({ kind: 'PORTFOLIO', planId: null, planTitle: null, status: 'QUEUED' })
    const again = await call<ExportView>(marc, 'POST', EXCEL, { body: {}, headers })
    expect([again.headers.get('Idempotent-Replayed'), again.body]).toEqual(['true', shown.body])
    const other = await call(marc, 'POST', EXCEL, { body: { overdue: true }, headers })
    expect(codeOf(other)).toBe('IDEMPOTENCY_KEY_REUSED')
    const list = await call<{ total: number; result: ExportView[] }>(marc, 'GET', '/api/v1/company/exports')
    expect(list.body.result.map(({ kind }) => kind)).toEqual(['PORTFOLIO', 'PORTFOLIO'])
  })

  it('names each invalid filter, ids that the company does not have among them', async () => {
    const { ana, gus, eli } = await createWorld()
    const body = { status: 'DONE', overdue: 'true', assigneeId: gus.id, hierarchyId: 'x', titel: 1 }
    const reply = await call(ana, 'POST', EXCEL, { body })
    expect([reply.status, namedPaths(reply).sort()]).toEqual([
      400,
      ['assigneeId', 'hierarchyId', 'overdue', 'status', 'titel'],
    ])
    expect(namedPaths(await call(ana, 'POST', EXCEL, { body: { assigneeId: gus.id } }))).toEqual([
      'assigneeId',
    ])
    const reversed = { dueFrom: '2026-12-02', dueTo: '2026-12-01' }
    expect(namedPaths(await call(ana, 'POST', EXCEL, { body: reversed }))).toEqual(['dueFrom'])
    expect((await call(eli, 'POST', EXCEL, { body: {} })).status).toBe(403)
  })
})

it('holds every action that its requester may read and nothing else, in workbook, record and mail', async () => {
  const world = await createWorld()
  const { ana, marc, noa, companyId } = world
  const top = await insertHierarchy({ companyId, name: 'Operations' })
  const inner = await insertHierarchy({ companyId, name: 'Warehouse', parentId: top.id })
  const open = await createPlan(marc, { title: 'Open plan', visibility: 'PUBLIC', description: 'Why' })
  const secret = await createPlan(noa, { title: 'Secret plan', description: 'Secret why' })
  const own = await createPlan(ana, { title: 'Own and empty' })
  const dueDate = new Date(Date.now() + DAY).toISOString()
  const late = await createAction(marc, open.id, {
    ...{ title: '=1+1', dueDate, hierarchyIds: [inner.id, top.id], assigneeIds: [noa.id, ana.id] },
    focusItems: [{ focusType: 'SCORE', focusId: 'tools' }, { focusType: 'HI' }],
  })
  const done = await createAction(marc, open.id, { title: 'Done one' })
  await takeStep(marc, done.id, 'COMPLETED')
  await createAction(marc, open.id, { title: 'Hidden one', visibility: 'PRIVATE' })
  const shared = await createAction(noa, secret.id, { title: 'Shared one', assigneeIds: [ana.id] })
  await createAction(noa, secret.id, { title: 'Unseen one' })
  letPass(2 * DAY)
  const background = catchBackground()
  const asked = await askForPortfolio({ ...ana, session: await openSession(ana) })
  await deliverExports(background)
  const record = await readExport(asked)
  expect(record).toMatchObject({ kind: 'PORTFOLIO', status: 'SENT', progress: { done: 3, total: 3 } })
  expect(record.files.map(({ name }) => name)).toEqual(['portfolio-of-a-company.xlsx'])

  const workbook = await workbookOf(asked)
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Overview', 'Plans', 'Actions'])
  const actions = rowsOf(workbook, 'Actions')
  // The newest plan first, its actions oldest first. Of a plan that one may not read, only the id is shown.
  expect(actions.map((row) => [row['Plan ID'], row.Plan, row['Action ID'], row.Action])).toEqual([
    [secret.id, null, shared.id, 'Shared one'],
    [open.id, 'Open plan', late.id, '=1+1'],
    [open.id, 'Open plan', done.id, 'Done one'],
  ])
  // The description of a plan stands in its first row, not in each.
  expect(actions.map((row) => row['Plan description'])).toEqual([null, 'Why', null])
  expect(actions[1]).toMatchObject({
    ...{
      'Plan visibility': 'Public',
      Visibility: 'Public',
      Status: 'Not started',
      Overdue: 'Yes',
      Completion: 0,
    },
    ...{ Assignees: 'Noa; Ana', 'Assignee IDs': `${noa.id}; ${ana.id}`, 'Created by': 'Marc' },
    ...{ Areas: 'Operations / Warehouse; Operations', 'Area IDs': `${inner.id}; ${top.id}` },
    ...{ Focus: 'Score: tools; Happiness Index (HI)', Notes: 0 },
  })
  expect(actions[1]?.Due).toBeInstanceOf(Date)
  expect(rowsOf(workbook, 'Plans').map((row) => [row.Plan, row.Actions, row.Overdue])).toEqual([
    [own.title, 0, 0],
    [open.title, 2, 1],
  ])
  const mail = background.mails.at(-1)
  expect(mail?.subject).toBe('Portfolio of A company')
  expect(mail?.text).toContain('the plans (2) and the actions (3)')
  const all = JSON.stringify([workbook.model, mail, record])
  for (const hidden of ['Secret plan', 'Secret why', 'Hidden one', 'Unseen one'])
    expect(all).not.toContain(hidden)
  expect(mailedLinks(background)).toHaveLength(1)
  const file = await call(null, 'GET', mailedLinks(background)[0] ?? '')
  expect(file.headers.get('Content-Disposition')).toContain('portfolio-of-a-company.xlsx')

  const [row] = await drizzle(home).select().from(exports).where(eq(exports.id, asked.id))
  const people = JSON.parse(row?.people ?? '[]') as string[]
  expect(people.sort()).toEqual([ana.id, marc.id, noa.id].sort())
  for (const copy of [exportActions, exportPlans])
    expect(await drizzle(home).select().from(copy).where(eq(copy.exportId, asked.id))).toEqual([])
})

it('holds what meets the filter, and the plans of that, in Spanish too', async () => {
  const { ana } = await createWorld()
  const [one, other] = [await createPlan(ana, { title: 'One' }), await createPlan(ana, { title: 'Other' })]
  await createAction(ana, one.id, { title: 'Sin hacer' })
  const done = await createAction(ana, other.id, { title: 'Hecha' })
  await takeStep(ana, done.id, 'COMPLETED')
  const background = catchBackground()
  const body = { status: 'COMPLETED', assigneeId: ana.id, overdue: false, q: 'HECHA' }
  const asked = await askForPortfolio(ana, body, { 'Accept-Language': 'es' })
  await deliverExports(background)
  const workbook = await workbookOf(asked)
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Panorama', 'Planes', 'Acciones'])
  expect(rowsOf(workbook, 'Acciones').map((row) => [row['Acción'], row.Estado])).toEqual([
    ['Hecha', 'Completada'],
  ])
  expect(rowsOf(workbook, 'Planes').map((row) => row.Plan)).toEqual(['Other'])
  expect(JSON.stringify(workbook.getWorksheet('Panorama')?.model)).toContain(
    'Filtrado por: Completada, Responsables: Ana, “HECHA”, sin retraso',
  )
  expect(background.mails.at(-1)?.subject).toBe('Cartera de planes de A company')
})

it('comes in several files: overview and plans whole in each, each action in one, one mail with all links', async () => {
  const { ana } = await createWorld()
  const made: string[] = []
  for (const title of ['First plan', 'Second plan']) {
    const plan = await createPlan(ana, { title, description: `Why ${title}` })
    for (let index = 0; index < 3; index += 1) made.push((await createAction(ana, plan.id)).id)
  }
  // Two of these fill a file of 64 MiB; texts of that size would take the test minutes.
  await drizzle(home)
    .update(actions)
    .set({ contentBytes: 30 * 1024 * 1024 })
  const background = catchBackground()
  const asked = await askForPortfolio(ana)
  await deliverExports(background)
  expect(await readExport(asked)).toMatchObject({ status: 'SENT', progress: { done: 6, total: 6 } })
  expect(background.mails).toHaveLength(1)
  const links = mailedLinks(background)
  const names = [1, 2, 3].map((file) => `portfolio-of-a-company-${file}-of-3.xlsx`)
  expect(links.map((link) => link.split('/').at(-1)?.replace(/\?.*/, ''))).toEqual(names)
  const found: unknown[] = []
  const descriptions: unknown[] = []
  for (const [index, file] of (await filesOf(asked)).entries()) {
    expect((await call(null, 'HEAD', links[index] ?? '')).headers.get('Content-Length')).toBe(
      String(file.length),
    )
    const workbook = await readWithExceljs(file)
    expect(rowsOf(workbook, 'Plans').map((row) => [row.Plan, row.Actions])).toEqual([
      ['Second plan', 3],
      ['First plan', 3],
    ])
    const rows = rowsOf(workbook, 'Actions')
    expect(rows).toHaveLength(2)
    found.push(...rows.map((row) => row['Action ID']))
    descriptions.push(rows.map((row) => row['Plan description']))
    const overview = JSON.stringify(workbook.getWorksheet('Overview')?.model)
    expect(overview).toContain(
      `File ${index + 1} of 3: the table of actions has rows ${2 * index + 1} to ${2 * index + 2}`,
    )
    expect(overview).toContain('2 plans and 6 actions')
  }
  expect(found).toEqual([...made.slice(3), ...made.slice(0, 3)])
  // In the first row of each plan in each file, so that one file can be imported without the others.
  const [first, second] = ['Why First plan', 'Why Second plan']
  expect(descriptions).toEqual([
    [second, null],
    [second, first],
    [first, null],
  ])
})

it('an empty portfolio is a workbook that can be opened', async () => {
  const { ana } = await createWorld()
  const background = catchBackground()
  const asked = await askForPortfolio(ana)
  await deliverExports(background)
  expect(await readExport(asked)).toMatchObject({ status: 'SENT', progress: { done: 0, total: 0 } })
  expect((await workbookOf(asked)).worksheets).toHaveLength(3)
})

it('rights are those of the build: what became private is not in it, and a demoted requester gets none', async () => {
  const { ana, marc } = await createWorld()
  const plan = await createPlan(ana, { visibility: 'PUBLIC' })
  const action = await createAction(ana, plan.id, { title: 'Soon private' })
  const background = catchBackground()
  const asked = await askForPortfolio(marc)
  await call(ana, 'PATCH', `${ACTIONS}/${action.id}`, { body: { visibility: 'PRIVATE' } })
  await deliverExports(background)
  expect(rowsOf(await workbookOf(asked), 'Actions')).toEqual([])
  const second = await askForPortfolio(marc)
  await call(ana, 'PATCH', `${USERS}/${marc.id}`, { body: { role: 'EMPLOYEE' } })
  await deliverExports(background)
  const [row] = await drizzle(home).select().from(exports).where(eq(exports.id, second.id))
  expect([row?.status, row?.failureCode]).toEqual(['FAILED', 'REQUESTER_INACTIVE'])
})

it('outlives its plans: the deletion of one ends no export of all', async () => {
  const { ana } = await createWorld()
  const plan = await createPlan(ana)
  const background = catchBackground()
  const asked = await askForPortfolio(ana)
  await call(ana, 'DELETE', `${PLANS}/${plan.id}`)
  await deliverExports(background)
  expect((await readExport(asked)).status).toBe('SENT')
})
