import type ExcelJS from 'exceljs'
import { describe, expect, it } from 'vitest'
import { buildWorkbook } from '../../../src/exports/workbook/build.ts'
import { cellOf, cellsOf, readParts, readWithExceljs, textsOf } from './read-back.ts'
import { detailsOf, sampleAction, type SampleContent, sampleContent, sampleDetail } from './sample.ts'

async function read(content: SampleContent) {
  const file = await buildWorkbook(content)
  const workbook = await readWithExceljs(file)
  const parts = await readParts(file)
  const sheet = (name: string): ExcelJS.Worksheet => {
    const found = workbook.getWorksheet(name)
    if (found === undefined) throw new Error(`no sheet ${name}`)
    return found
  }
  return { workbook, sheet, parts, part: (name: string) => parts.get(`xl/${name}.xml`) ?? '' }
}

/** The values of a row from column B on, without empty cells at its end. */
function rowOf(sheet: ExcelJS.Worksheet, number: number): ExcelJS.CellValue[] {
  const values: ExcelJS.CellValue[] = []
  sheet.getRow(number).eachCell({ includeEmpty: true }, (cell, column) => {
    if (column > 1) values.push(cell.value)
  })
  return values
}

/** The colour of a cell; exceljs declares more than it gives. */
function fillOf(cell: ExcelJS.Cell): string | undefined {
  const fill = cell.fill as ExcelJS.Fill | undefined
  return fill?.type === 'pattern' ? fill.fgColor?.argb : undefined
}

const leftOf = (cell: ExcelJS.Cell) => (cell.border as Partial<ExcelJS.Borders> | undefined)?.left?.style

describe('what needs attention', () => {
  it('comes before the table: overdue with days, due soon, not started', async () => {
    const summary = (await read(sampleContent(12))).sheet('Summary')
    const rows = [...cellsOf(summary)].flatMap(([address, value]) => (address.startsWith('B') ? [value] : []))
    const start = rows.indexOf('Needs attention')
    expect(rows.slice(start, rows.indexOf('All actions'))).toEqual([
      'Needs attention',
      ...['Overdue (3)', 2, 6, 5],
      ...['Due within 30 days (2)', 10, 12],
      ...['Not started, not due soon (1)', 3],
    ])
    const overdue = Number(cellOf(summary, 'Overdue (3)').row)
    expect([1, 2, 3].map((row) => summary.getCell(`K${overdue + row}`).value)).toEqual([25, 25, 10])
  })

  it('shows five of a kind and says how many more there are', async () => {
    const texts = textsOf((await read(sampleContent(40))).sheet('Summary'))
    const [, count] =
      texts.map((text) => /^Overdue \((\d+)\)$/.exec(text)).find((match) => match !== null) ?? []
    expect(texts).toContain(`… and ${Number(count) - 5} more, in the table below`)
  })

  it('is said to be nothing', async () => {
    const actions = [{ ...sampleAction(0), overdue: false }]
    const texts = textsOf((await read(sampleContent(1, { actions }))).sheet('Summary'))
    expect(texts).toContain('Nothing is overdue, due within 30 days or waiting to be started.')
  })
})

describe('the timeline', () => {
  it('has a bar in the colour of the status from start to due date, and a line for today', async () => {
    const { sheet, parts } = await read(sampleContent(12))
    const timeline = sheet('Timeline')
    const head = Number(cellOf(timeline, '#').row)
    // Weeks from Monday, 31 August 2026; today is 31 October.
    expect(rowOf(timeline, head + 1).slice(0, 3)).toEqual([1, sampleAction(0).title, 'Completed'])
    const bar = ['G', 'H', 'K', 'L', 'M'].map((column) => fillOf(timeline.getCell(`${column}${head + 1}`)))
    expect(bar).toEqual(['FF15803D', 'FF15803D', 'FF15803D', undefined, undefined])
    expect(timeline.getCell(`O${head}`).value).toBe('Today')
    expect(leftOf(timeline.getCell(`O${head + 1}`))).toBe('thick')
    expect(leftOf(timeline.getCell(`P${head + 1}`))).toBeUndefined()
    const linked = /<hyperlink ref="C\d+" location="'1\. Weekly/.test(
      parts.get('xl/worksheets/sheet2.xml') ?? '',
    )
    expect(linked).toBe(true)
  })

  it('leaves out what has no date, and says so if nothing has', async () => {
    const none = { startedAt: null, dueDate: null, finishedAt: null, status: 'NOT_STARTED' as const }
    const actions = [{ ...sampleAction(0), ...none }]
    const timeline = (await read(sampleContent(1, { actions }))).sheet('Timeline')
    expect(textsOf(timeline)).toContain('No action in this file has been started or has a due date.')
    expect(textsOf(timeline)).not.toContain(sampleAction(0).title)
  })
})

describe('areas and people', () => {
  it('are two Excel tables', async () => {
    const { sheet, part } = await read(sampleContent(12))
    const breakdown = sheet('Areas and people')
    const row = (name: string) => rowOf(breakdown, Number(cellOf(breakdown, name).row))
    expect(row('Area')).toEqual(['Area', 'Actions', 'Open', 'Completed', 'Completion', 'Overdue'])
    expect(row('Operations').slice(0, 3)).toEqual(['Operations', 4, 2])
    expect(row('Ana García')[0]).toBe('Ana García')
    expect([2, 3].map((number) => /displayName="(\w+)"/.exec(part(`tables/table${number}`))?.[1])).toEqual([
      'Areas',
      'People',
    ])
  })
})

describe('the Data sheet', () => {
  it('has a row for each action and assignee, with ids, as one Excel table', async () => {
    const { sheet, part } = await read(sampleContent(12))
    const data = sheet('Data')
    const headings = data.getRow(1).values as string[]
    const column = (heading: string) =>
      Array.from(
        { length: data.rowCount - 1 },
        (_, row) => data.getCell(row + 2, headings.indexOf(heading)).value,
      )
    expect(data.rowCount).toBe(1 + 24)
    expect(column('Action ID')).toEqual(
      Array.from({ length: 12 }, (_, index) => sampleAction(index)).flatMap(({ id, assignees }) =>
        assignees.map(() => id),
      ),
    )
    expect(column('Assignee ID').slice(1, 3)).toEqual(sampleAction(1).assignees.map(({ userId }) => userId))
    expect(column('Action count').reduce((sum: number, value) => sum + Number(value), 0)).toBe(12)
    expect(column('Due')[0]).toBeInstanceOf(Date)
    expect(column('Focus')[0]).toBe('Score: leadership')
    expect([...new Set(column('Visibility'))]).toEqual(['Private', 'Public'])
    expect(part('tables/table4')).toContain('displayName="Data" ref="A1:AB25"')
    expect(part('worksheets/sheet4')).not.toMatch(/<mergeCell /)
  })

  it('has one row for an action without assignees', async () => {
    const actions = [{ ...sampleAction(0), assignees: [] }]
    const data = (await read(sampleContent(1, { actions }))).sheet('Data')
    expect(data.rowCount).toBe(2)
  })

  it('has the rows of its own file', async () => {
    const volume = { number: 2, of: 2, first: 8, count: 4, starts: [0, 8] }
    const data = (await read(sampleContent(12, { volume }))).sheet('Data')
    const numbers = new Set(
      Array.from({ length: data.rowCount - 1 }, (_, row) => data.getCell(row + 2, 4).value),
    )
    expect([...numbers]).toEqual([9, 10, 11, 12])
  })
})

describe('the look', () => {
  it('has the company’s colour as the theme’s accent, the default left nowhere', async () => {
    const { parts, part } = await read(sampleContent(3, { accentColor: '#7a2048' }))
    expect(part('theme/theme1')).toContain('<a:accent1><a:srgbClr val="7A2048"/></a:accent1>')
    for (const [name, xml] of parts) expect(xml, name).not.toMatch(/1D4ED8/i)
  })

  it('colours the tab of each action by its status', async () => {
    const { workbook } = await read(sampleContent(7))
    const tabs = workbook.worksheets
      .filter(({ name }) => /^\d/.test(name))
      .map((each) => each.properties.tabColor.argb)
    expect(tabs).toEqual(
      ['15803D', '2563EB', '8A94A3', '15803D', '2563EB', 'EA580C', '7C3AED'].map((color) => `FF${color}`),
    )
  })

  it('prints the plan, cut at a word, the date and the page on each sheet', async () => {
    const base = sampleContent(1)
    const title = 'Q&A: what "we" do about the feedback of spring, summer and autumn'
    const { workbook } = await read({ ...base, plan: { ...base.plan, title } })
    for (const { headerFooter } of workbook.worksheets)
      expect(headerFooter.oddFooter).toBe(
        '&L&"Arial"&8 Q&&A: what "we" do about the feedback of…&C&"Arial"&8 Printed &D&R&"Arial"&8 &P / &N',
      )
  })

  it('tells date and author in each row of a note that goes on', async () => {
    const notes = [
      { authorName: 'Ana', createdAt: Date.UTC(2026, 9, 1), text: 'A line of the log.\n'.repeat(60) },
    ]
    const { sheet } = await read(sampleContent(1, { details: detailsOf([{ ...sampleDetail(0), notes }]) }))
    const action = sheet('1. Weekly one-to-ones with')
    const first = Number(cellOf(action, 'Ana').row)
    const further = [...cellsOf(action)].filter(([, value]) => value === 'Ana (continued)')
    expect(further.length).toBeGreaterThan(2)
    for (const [address] of further)
      expect(action.getCell(address.replace('C', 'B')).value).toEqual(action.getCell(`B${first}`).value)
  })
})

describe('focus', () => {
  it.each([
    ['leadership', 'Score: leadership'],
    ['work_life-balance', 'Score: work life balance'],
    ['64f0c1a2b3d4e5f601234567', 'Score'],
    ['42', 'Score'],
    ['6f1c2e9a-1111-4222-8333-444455556666', 'Score'],
  ])('%s reads as %j in the table, and in full on the sheet', async (focusId, text) => {
    const actions = [{ ...sampleAction(0), focusItems: [{ focusType: 'SCORE' as const, focusId }] }]
    const { workbook, sheet } = await read(sampleContent(1, { actions }))
    expect(textsOf(sheet('Summary'))).toContain(text)
    expect(textsOf(workbook.worksheets.at(-1))).toContain(`Score: ${focusId}`)
  })
})
