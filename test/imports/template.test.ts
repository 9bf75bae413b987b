/** The template: read back by exceljs and by the import itself. */
import ExcelJS from 'exceljs'
import { beforeEach, describe, expect, it } from 'vitest'
import { SHEET_COLUMNS } from '../../src/actions/sheet-columns.ts'
import { WORKBOOK_TYPE } from '../../src/imports/reading.ts'
import worker from '../../src/index.ts'
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'
import { importWorkbook, IMPORTS } from './support.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function template(
  language = 'en',
): Promise<{ response: Response; bytes: Uint8Array; workbook: ExcelJS.Workbook }> {
  const request = new Request(`https://api.test${IMPORTS}/template`, {
    headers: { SessionId: world.marc.session, 'Accept-Language': language },
  })
  const response = await worker.fetch(request, env, createExecutionContext())
  const bytes = new Uint8Array(await response.arrayBuffer())
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes.buffer)
  return { response, bytes, workbook }
}

const valuesOf = (sheet: ExcelJS.Worksheet | undefined, column: number) =>
  (sheet?.getColumn(column).values ?? []).slice(2).filter((value) => value !== null && value !== undefined)

describe.each([
  ['en', 'Actions', 'Lists', 'Read me'],
  ['es', 'Acciones', 'Listas', 'Léeme'],
] as const)('the template in %s', (locale, actions, lists, readMe) => {
  it('has the columns of the sheet of actions, lists to choose from, and a page that explains it', async () => {
    const { companyId, marc, ana, noa } = world
    const top = await insertHierarchy({ companyId, name: 'Operations & _x0041_' })
    await insertHierarchy({ companyId, name: 'Warehouse', parentId: top.id })
    const { response, workbook } = await template(locale)
    expect(response.headers.get('Content-Type')).toBe(WORKBOOK_TYPE)
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename="[a-z-]+\.xlsx"$/)
    expect(workbook.worksheets.map(({ name }) => name)).toEqual([actions, readMe, lists])
    const sheet = workbook.getWorksheet(actions)
    const headers = Object.values(SHEET_COLUMNS).map((words) => words[locale])
    expect((sheet?.getRow(1).values as unknown[]).slice(1)).toEqual(headers)
    const validations = (
      sheet as unknown as { dataValidations: { model: Record<string, { formulae: string[] }> } }
    ).dataValidations.model
    const listAt = (header: (typeof headers)[number]) => {
      const column = headers.indexOf(header) + 1
      return validations[sheet?.getCell(1000, column).address ?? '']?.formulae[0]
    }
    const { status, assigneeEmails, areas, planVisibility } = SHEET_COLUMNS
    expect([status, assigneeEmails, areas, planVisibility].map((words) => listAt(words[locale]))).toEqual([
      'list_status',
      'list_people',
      'list_areas',
      'list_visibility',
    ])
    const listed = workbook.getWorksheet(lists)
    expect(valuesOf(listed, 6)).toEqual([ana, marc, noa].map(({ email }) => email).sort())
    expect(valuesOf(listed, 7)).toEqual(['Operations & _x0041_', 'Operations & _x0041_ / Warehouse'])
    expect(workbook.getWorksheet(readMe)?.rowCount).toBeGreaterThan(headers.length)
  })

  it('imports as it is, without its example, and with a row that was filled in', async () => {
    const { bytes, workbook } = await template(locale)
    const untouched = await importWorkbook(world.marc, bytes)
    expect(untouched.body).toEqual({ plans: 0, actions: 0, created: 0, unchanged: 0, errors: [] })
    const sheet = workbook.getWorksheet(actions)
    const columns = Object.keys(SHEET_COLUMNS)
    for (const [column, value] of Object.entries({
      plan: 'P',
      title: 'A',
      status: valuesOf(workbook.getWorksheet(lists), 4)[1],
    }))
      if (sheet) sheet.getCell(3, columns.indexOf(column) + 1).value = value
    const filled = new Uint8Array(await workbook.xlsx.writeBuffer())
    const reply = await importWorkbook(world.marc, filled, { dryRun: false })
    expect(reply.body).toEqual({ plans: 1, actions: 1, created: 2, unchanged: 0, errors: [] })
  })
})
