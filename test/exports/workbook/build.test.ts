import type ExcelJS from 'exceljs'
import { describe, expect, it } from 'vitest'
import { buildWorkbook } from '../../../src/exports/workbook/build.ts'
import type { WorkbookContent } from '../../../src/exports/workbook/content.ts'
import { TALLEST_ROW } from './excel.ts'
import {
  absolute,
  cellBelow,
  cellBeside,
  cellOf,
  cellsOf,
  readParts,
  readWithExceljs,
  tableOf,
  textsOf,
  valueBeside,
} from './read-back.ts'
import { detailsOf, sampleAction, sampleContent, sampleDetail } from './sample.ts'

/** exceljs gives a date cell as a Date whose UTC fields are the wall clock. */
const at = (text: string) => new Date(`${text}:00.000Z`)

const PLAN = 'Raise engagement after the merger'

async function read(content: WorkbookContent) {
  const file = await buildWorkbook(content)
  const workbook = await readWithExceljs(file)
  const [summary] = workbook.worksheets
  if (summary === undefined) throw new Error('no sheet at all')
  const sheets = workbook.worksheets.filter(({ name }) => /^\d+\./.test(name))
  const named = (name: string) => workbook.getWorksheet(name)
  const parts = await readParts(file)
  const part = (name: string) => parts.get(`xl/${name}.xml`) ?? ''
  return { workbook, summary, sheets, named, parts, part }
}

/** The values of these cells: each label's neighbour. */
function valuesBeside(sheet: ExcelJS.Worksheet | undefined, labels: readonly string[]): unknown[] {
  return labels.map((label) => valueBeside(sheet, label))
}

/** The `count` values that follow a label, row by row. */
function valuesAfter(sheet: ExcelJS.Worksheet | undefined, label: string, count: number): unknown[] {
  const values = [...cellsOf(sheet).values()]
  return values.slice(values.indexOf(label) + 1).slice(0, count)
}

describe('the block above the table of the Summary', () => {
  it('says what the plan is', async () => {
    const { summary } = await read(sampleContent(12))
    expect(textsOf(summary)).toEqual(expect.arrayContaining([PLAN, 'Acme · Action plan']))
    expect(valuesBeside(summary, ['Visibility', 'Created by', 'Created'])).toEqual([
      ...['Private', 'Ana García', at('2026-08-25T10:30')],
    ])
  })

  it('says who exported it and when, in which time zone', async () => {
    const { summary } = await read(sampleContent(12))
    expect(valuesBeside(summary, ['Exported', 'Exported by', 'Times are in'])).toEqual([
      ...[at('2026-10-31T09:30'), 'Ana García', 'Europe/Madrid'],
    ])
  })

  it('says how far the plan has come', async () => {
    const { summary } = await read(sampleContent(12))
    expect(cellBelow(summary, 'Completion')).toMatchObject({ value: 0.33, numFmt: '0%' })
    expect(cellBeside(summary, 'overdue', -1).value).toBe(3)
    expect(textsOf(summary)).toContain('4 of 12 actions completed')
  })

  it.each([
    ['en', true, '1 of 1 visible action completed'],
    ['en', false, '1 of 1 action completed'],
    ['es', true, '1 de 1 acción visible completada'],
    ['es', false, '1 de 1 acción completada'],
  ] as const)('speaks of one action in %s, hidden ones %s', async (locale, hasHiddenActions, line) => {
    const { summary } = await read(sampleContent(1, { locale, hasHiddenActions }))
    expect(textsOf(summary)).toContain(line)
  })

  it('counts the actions by status', async () => {
    const { summary } = await read(sampleContent(12))
    const labels = ['Not started', 'In progress', 'Completed', 'Cancelled', 'Expired', 'Total']
    expect(valuesBeside(summary, labels)).toEqual([2, 4, 4, 1, 1, 12])
  })

  it('says that some actions are hidden, without a number', async () => {
    const { summary } = await read(sampleContent(12, { hasHiddenActions: true }))
    expect(textsOf(summary)).toContain('4 of 12 visible actions completed')
    expect(textsOf(summary)).toContain(
      "This file contains 12 actions, each on its own sheet. Actions that aren't visible to you count towards the percentage too.",
    )
  })

  it('names no creator for a legacy plan', async () => {
    const content = sampleContent(1)
    const { summary } = await read({ ...content, plan: { ...content.plan, creatorName: null } })
    expect(valueBeside(summary, 'Created by')).toBe('Legacy plan, no recorded creator')
  })
})

describe('the table of the Summary', () => {
  it('has a row per action, dates and percentages as numbers', async () => {
    const { summary } = await read(sampleContent(12))
    const table = tableOf(summary)
    expect(table.headings).toEqual([
      ...['#', 'Action', 'Type', 'Status', 'Completion', 'Assignees', 'Areas', 'Focus'],
      ...['Due', 'Days overdue', 'Started', 'Finished', 'Notes', 'File'],
    ])
    expect(table.row(5)).toEqual([
      ...[5, 'Recognition budget of 20 € per person and month', 'Manager', 'In progress', 0.5],
      ...['Lucía Fernández, Ana García', 'Engineering, Customer Support', 'Score: leadership'],
      ...[at('2026-10-21T10:30'), 10, at('2026-09-05T10:30'), null, 0, 1],
    ])
    expect(table.cell(5, 'Completion').numFmt).toBe('0%')
    expect(table.cell(5, 'Due').numFmt).toBe('[$-409]dd mmm yyyy')
    expect(summary.rowCount).toBe(table.header + 12)
  })

  it('keeps the columns up to the title in sight, no rows, and prints on one page’s width', async () => {
    const { summary } = await read(sampleContent(12))
    const { header } = tableOf(summary)
    expect(summary.views[0]).toMatchObject({ state: 'frozen', xSplit: 3, ySplit: 0 })
    expect(summary.pageSetup).toMatchObject({
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
      printTitlesRow: `${header}:${header}`,
    })
  })

  it('is an Excel table with a filter over exactly its cells, its columns named like their headers', async () => {
    const { summary, part } = await read(sampleContent(12))
    const { headings, range } = tableOf(summary)
    const cells = range(['#', 0], ['File', 12])
    const table = part('tables/table1')
    expect(table).toContain(`displayName="Actions" ref="${cells}"`)
    expect(table).toContain(`<autoFilter ref="${cells}"/>`)
    expect([...table.matchAll(/<tableColumn id="\d+" name="([^"]*)"/g)].map(([, name]) => name)).toEqual(
      headings,
    )
    expect(part('worksheets/sheet1')).not.toContain('<autoFilter')
  })

  it('links every title to its sheet, apostrophes and all, and every sheet back', async () => {
    const content = sampleContent(2)
    const titles = ['it\'s <&> "so"', 'b']
    const actions = content.actions.map((action, index) => ({ ...action, title: titles[index] ?? '' }))
    const { summary, parts, part } = await read({ ...content, actions })
    const link = (row: number, location: string) =>
      `<hyperlink ref="${tableOf(summary).cell(row, 'Action').address}" location="${location}"/>`
    expect(part('worksheets/sheet1')).toContain(link(1, "'1. it''s &lt;&amp;&gt; &quot;so&quot;'!A1"))
    expect(part('worksheets/sheet1')).toContain(link(2, "'2. b'!A1"))
    for (const place of [2, 3, 5, 6])
      expect(part(`worksheets/sheet${place}`)).toContain(`location="'Summary'!A1"`)
    const related = [...parts.keys()].filter((name) => name.startsWith('xl/worksheets/_rels/'))
    expect(related.map((name) => /sheet(\d)/.exec(name)?.[1]).sort()).toEqual(['1', '3', '4'])
  })

  it('escapes what looks like an escape in names of sheets and in links to them, as Excel does', async () => {
    const content = sampleContent(1)
    const actions = content.actions.map((action) => ({ ...action, title: '_x0041_ & _x002F_' }))
    const { summary, part } = await read({ ...content, actions })
    const name = '1. _x005F_x0041_ &amp; _x002F'
    expect(part('workbook')).toContain(`<sheet name="${name}" `)
    expect(part('worksheets/sheet1')).toContain(`location="'${name}'!A1"`)
    expect(tableOf(summary).row(1)).toContain('_x0041_ & _x002F_')
  })

  it('is coloured, with bars, to its last row', async () => {
    const { summary } = await read(sampleContent(12))
    // exceljs reads conditional formats but does not declare them.
    const formats = Reflect.get(summary, 'conditionalFormattings') as {
      ref: string
      rules: { type: string }[]
    }[]
    const typesIn = (from: string, to: string) => {
      const range = tableOf(summary).range([from, 1], [to, 12])
      return formats.find(({ ref }) => ref.endsWith(` ${range}`))?.rules.map(({ type }) => type)
    }
    expect(typesIn('Status', 'Status')).toEqual(Array(5).fill('cellIs'))
    expect(typesIn('Completion', 'Completion')).toEqual(['dataBar'])
    expect(typesIn('Days overdue', 'Days overdue')).toEqual(['cellIs'])
  })

  it('has bars that are solid, so that a full one looks full', async () => {
    const { summary, part } = await read(sampleContent(12))
    const xml = part('worksheets/sheet1')
    const bars = [...xml.matchAll(/<x14:cfRule type="dataBar" id="([^"]*)">(.*?)<xm:sqref>([^<]*)</gs)]
    expect(bars).toHaveLength(2)
    for (const [, id = '', bar] of bars) {
      expect(bar).toContain('gradient="0"')
      expect(xml).toContain(`<x14:id>${id}</x14:id>`)
    }
    const range = tableOf(summary).range(['Completion', 1], ['Completion', 12])
    expect(bars.some(([, , , ref]) => ref?.endsWith(` ${range}`))).toBe(true)
  })

  it.each([
    [false, 'This plan has no actions yet.'],
    [true, 'This plan has no actions that you may read.'],
  ])('is empty without actions, hidden ones: %s, and says why', async (hasHiddenActions, text) => {
    const { workbook, summary, parts } = await read(sampleContent(0, { hasHiddenActions }))
    expect(workbook.worksheets).toEqual([summary])
    expect(textsOf(summary).filter((each) => each.startsWith(text))).toHaveLength(1)
    expect(textsOf(summary)).not.toContain('#')
    expect([...parts.keys()].filter((name) => /table|chart|drawing/.test(name))).toEqual([])
    expect(valueBeside(summary, 'Total')).toBe(0)
  })

  it('is followed by a description that is too long to stand above it in full', async () => {
    const content = sampleContent(2)
    const description = 'All of it matters. '.repeat(100)
    const { summary } = await read({ ...content, plan: { ...content.plan, description } })
    const above = cellBelow(summary, PLAN)
    const [beginning = '', hint] = (above.value as string).split('\n')
    expect(beginning).toMatch(/^All of it matters\..*\S…$/)
    expect(description.startsWith(beginning.slice(0, -1))).toBe(true)
    expect(hint).toBe('The description goes on below the table.')
    expect(summary.getRow(Number(above.row)).height).toBeLessThan(60)
    const table = tableOf(summary)
    expect(cellOf(summary, 'Plan description in full').address).toBe(table.cell(2 + 1, '#').address)
    expect(cellBelow(summary, 'Plan description in full').value).toBe(description)
  })
})

describe('in Spanish', () => {
  it('names, headings, words and dates are Spanish', async () => {
    const { summary, sheets } = await read(sampleContent(2, { locale: 'es' }))
    expect(summary.name).toBe('Resumen')
    const table = tableOf(summary, 'N.º')
    expect(table.headings.slice(0, 4)).toEqual(['N.º', 'Acción', 'Tipo', 'Estado'])
    expect(table.cell(1, 'Estado').value).toBe('Completada')
    expect(table.cell(1, 'Fecha límite').numFmt).toContain('[$-C0A]')
    expect(valueBeside(sheets[0], 'Estado')).toBeDefined()
  })

  it('links and references follow the names, and no English is left', async () => {
    const { summary, parts, part } = await read(sampleContent(2, { locale: 'es' }))
    const { header } = tableOf(summary, 'N.º')
    expect(part('worksheets/sheet5')).toContain(`location="'Resumen'!A1"`)
    expect(part('workbook')).toContain(`'Resumen'!$${header}:$${header}`)
    for (const xml of parts.values()) expect(xml).not.toMatch(/\bSummary!|'Summary'|Not started/)
  })

  it('the chart counts by status and points at the Summary', async () => {
    const { summary, part } = await read(sampleContent(12, { locale: 'es' }))
    const title = 'Acciones por estado'
    const statuses = ['Sin iniciar', 'En curso', 'Completada', 'Cancelada', 'Vencida']
    const chart = part('charts/chart1')
    const inChart = (tag: string) =>
      [...chart.matchAll(RegExp(`<c:${tag}>(.*?)</c:${tag}>`, 'g'))].map(([, it]) => it)
    const rangeOf = (cells: ExcelJS.Cell[]) => absolute(`${cells[0]?.address}:${cells.at(-1)?.address}`)
    expect(inChart('f')).toEqual(
      [
        absolute(cellOf(summary, title).address),
        rangeOf(statuses.map((label) => cellOf(summary, label))),
        rangeOf(statuses.map((label) => cellBeside(summary, label))),
      ].map((range) => `'Resumen'!${range}`),
    )
    expect(inChart('v')).toEqual([title, ...statuses, '2', '4', '4', '1', '1'])
    expect(part('drawings/drawing1')).toContain(`descr="${title}"`)
  })
})

describe('the sheet of an action', () => {
  it('holds all its fields', async () => {
    const { sheets } = await read(sampleContent(4))
    const sheet = sheets[3]
    expect(sheet?.name).toBe('4. Mentoring programme for the')
    const labels = ['Type', 'Origin', 'Visibility', 'Created by']
    expect(valuesBeside(sheet, labels)).toEqual([
      ...['Company', 'Manual', 'Public: all company managers', 'Jonas Weber'],
    ])
    expect(valuesBeside(sheet, ['Started', 'Finished', 'Created', 'Updated'])).toEqual([
      ...[at('2026-09-04T10:30'), at('2026-09-25T10:30'), at('2026-09-01T13:30'), at('2026-09-13T10:30')],
    ])
    expect(valuesBeside(sheet, ['Areas', 'Focus'])).toEqual([
      ...['Whole company', 'Employee Net Promoter Score (eNPS)'],
    ])
    expect(valuesAfter(sheet, 'Overdue', 4)).toEqual(['Completed', 1, at('2026-10-16T10:30'), 'No'])
    expect(sheet?.pageSetup).toMatchObject({ orientation: 'portrait', fitToPage: true, fitToHeight: 0 })
  })

  it('lists the assignees', async () => {
    const { sheets } = await read(sampleContent(4))
    expect(valuesAfter(sheets[3], 'Account', 5)).toEqual([
      ...['Jonas Weber', 'Completed', at('2026-09-04T10:30'), at('2026-09-25T10:30'), 'Inactive'],
    ])
  })

  it('lists the notes', async () => {
    const { sheets } = await read(sampleContent(4))
    expect(valuesAfter(sheets[3], 'Note', 9)).toEqual([
      ...[at('2026-09-04T10:30'), 'Lucía Fernández', sampleDetail(3).notes[0]?.text],
      ...[at('2026-09-05T10:30'), 'Ana García', sampleDetail(3).notes[1]?.text],
      ...[at('2026-09-06T10:30'), 'Marc Dubois', sampleDetail(3).notes[2]?.text],
    ])
  })

  it('says what is missing', async () => {
    const dates = { dueDate: null, startedAt: null, finishedAt: null }
    const action = { ...sampleAction(0), ...dates, focusItems: [], overdue: true }
    const details = detailsOf([{ ...sampleDetail(0), description: '', creatorName: null, notes: [] }])
    const { sheets } = await read({ ...sampleContent(1), actions: [action], details })
    expect(textsOf(sheets[0])).toEqual(expect.arrayContaining(['No description.', 'No execution notes yet.']))
    expect(valuesAfter(sheets[0], 'Overdue', 4).slice(2)).toEqual(['–', 'Overdue'])
    expect(valuesBeside(sheets[0], ['Created by', 'Focus'])).toEqual(['Not recorded', '–'])
  })

  it('lets a long note go on over several rows, none taller than Excel allows', async () => {
    const text = 'A line of the log.\n'.repeat(120)
    const notes = [{ authorName: 'Ana', createdAt: 0, text }]
    const { sheets } = await read(sampleContent(1, { details: detailsOf([{ ...sampleDetail(0), notes }]) }))
    const heights: number[] = []
    sheets[0]?.eachRow({ includeEmpty: true }, ({ height }) => heights.push(height))
    expect(Math.max(...heights)).toBeLessThanOrEqual(TALLEST_ROW)
    expect(heights.reduce((sum, height) => sum + height, 0)).toBeGreaterThan(120 * 12)
    expect(textsOf(sheets[0]).filter((value) => value === text)).toHaveLength(1)
  })
})

describe('a volume', () => {
  const starts = [0, 4, 8]
  const second = { volume: { number: 2, of: 3, first: 4, count: 4, starts } }
  const third = { volume: { number: 3, of: 3, first: 8, count: 2, starts } }

  it('has the whole Summary, with the file of each action, and says which sheets it holds', async () => {
    const { summary } = await read(sampleContent(10, second))
    const table = tableOf(summary)
    expect(summary.rowCount).toBe(table.header + 10)
    const files = Array.from({ length: 10 }, (_, index) => table.cell(index + 1, 'File').value)
    expect(files).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3])
    expect(table.column('File').hidden).toBe(false)
    expect(textsOf(summary)).toContain(
      'File 2 of 3: the table lists all 10 actions; the sheets, timeline and data of actions 5 to 8 are in this file.',
    )
  })

  it('has the sheets of its own actions, numbered through, and links to no others', async () => {
    const { workbook, summary, part } = await read(sampleContent(10, second))
    expect(workbook.worksheets.map(({ name }) => name)).toEqual([
      ...['Summary', 'Timeline', 'Areas and people', 'Data'],
      ...['5. Recognition budget of 20 €', '6. Meeting-free Wednesday'],
      ...['7. Train 12 managers in giving', '8. Review on-call rota'],
    ])
    const table = tableOf(summary)
    const links = [...part('worksheets/sheet1').matchAll(/<hyperlink ref="C(\d+)"/g)].map(([, row]) =>
      Number(row),
    )
    expect(links.filter((row) => row > table.header).map((row) => row - table.header)).toEqual([5, 6, 7, 8])
  })

  it('that is the last is as large as what is left', async () => {
    const { summary } = await read(sampleContent(10, third))
    const table = tableOf(summary)
    expect([4, 5, 10].map((row) => table.cell(row, 'File').value)).toEqual([1, 2, 3])
  })

  it.each([
    [3, 1, '1 details for the 3 actions of the volume'],
    [1, 2, 'more details than the 1 actions of the volume'],
  ])('of %i actions cannot be built from the details of %i', async (size, count, message) => {
    const details = detailsOf(Array.from({ length: count }, (_, index) => sampleDetail(index)))
    await expect(buildWorkbook(sampleContent(size, { details }))).rejects.toThrow(message)
  })
})

describe('the package', () => {
  it('lists exactly its parts, with nothing left of the template', async () => {
    const { parts, part } = await read(sampleContent(3))
    const types = parts.get('[Content_Types].xml') ?? ''
    for (const [, name] of types.matchAll(/PartName="\/([^"]*)"/g)) expect([...parts.keys()]).toContain(name)
    for (const name of parts.keys())
      if (!name.endsWith('.rels') && name !== '[Content_Types].xml') expect(types).toContain(`"/${name}"`)
    expect(types.match(/worksheet\+xml/g)).toHaveLength(7)
    expect(types).not.toContain('calcChain')
    for (const [name, xml] of parts) expect(xml, name).not.toMatch(/\{\{|Action!|rId\w*"[^>]*Target=""/)
    const ids = [...part('workbook').matchAll(/sheetId="(\d+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(7)
    expect(part('workbook')).toMatch(/<workbook [^>]*xmlns:r=/)
  })

  it('is the same for the same content', async () => {
    expect(await buildWorkbook(sampleContent(5))).toEqual(await buildWorkbook(sampleContent(5)))
  })

  it('tells who exported it, not who drew the template', async () => {
    const { workbook } = await read(sampleContent(1))
    expect(workbook).toMatchObject({
      creator: 'Ana García',
      title: PLAN,
      created: new Date('2026-10-31T08:30:00Z'),
    })
  })
})
