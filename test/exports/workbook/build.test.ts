import type ExcelJS from 'exceljs'
import { describe, expect, it } from 'vitest'
import { buildWorkbook } from '../../../src/exports/workbook/build.ts'
import type { WorkbookContent } from '../../../src/exports/workbook/content.ts'
import { cellsOf, readParts, readWithExceljs, valueBeside } from './read-back.ts'
import { detailsOf, sampleAction, sampleContent, sampleDetail } from './sample.ts'

/** exceljs gives a date cell as a Date whose UTC fields are the wall clock. */
const at = (text: string) => new Date(`${text}:00.000Z`)

async function read(content: WorkbookContent) {
  const file = await buildWorkbook(content)
  const workbook = await readWithExceljs(file)
  const [summary, ...sheets] = workbook.worksheets
  if (summary === undefined) throw new Error('no sheet at all')
  return { file, workbook, summary, sheets, parts: await readParts(file) }
}

function tableRow(summary: ExcelJS.Worksheet, number: number): unknown[] {
  return 'BCDEFGHIJKLMNO'.split('').map((column) => summary.getCell(`${column}${14 + number}`).value)
}

describe('Summary', () => {
  it('says what the plan is and how far it has come', async () => {
    const { summary } = await read(sampleContent(12, { hasHiddenActions: true }))
    const texts = [...cellsOf(summary).values()]
    expect(texts).toContain('Raise engagement after the merger')
    expect(texts).toContain('Action plan · Acme')
    expect(summary.getCell('B6').value).toBe(0.33)
    expect(summary.getCell('B6').numFmt).toBe('0%')
    expect(valueBeside(summary, 'Visibility')).toBe('Private')
    expect(valueBeside(summary, 'Created by')).toBe('Ana García')
    expect(valueBeside(summary, 'Created')).toEqual(at('2026-08-25T10:30'))
    expect(valueBeside(summary, 'Exported')).toEqual(at('2026-10-31T09:30'))
    expect(valueBeside(summary, 'Exported by')).toBe('Ana García')
    expect(valueBeside(summary, 'Times are in')).toBe('Europe/Madrid')
    const counts = ['Not started', 'In progress', 'Completed', 'Cancelled', 'Expired', 'Total']
    expect(counts.map((label) => valueBeside(summary, label))).toEqual([2, 4, 4, 1, 1, 12])
    expect(summary.getCell('B11').value).toBe(3)
    expect(texts).toContain('4 of 12 visible actions completed')
    expect(texts).toContain(
      "This file contains 12 actions, each on its own sheet. Actions that aren't visible to you count towards the percentage too.",
    )
  })

  it('has a row per action, dates and percentages as numbers', async () => {
    const { summary } = await read(sampleContent(12))
    expect(tableRow(summary, 0)).toEqual([
      ...['#', 'Action', 'Type', 'Status', 'Completion', 'Assignees', 'Areas', 'Focus'],
      ...['Due', 'Overdue', 'Started', 'Finished', 'Notes', 'File'],
    ])
    expect(tableRow(summary, 5)).toEqual([
      ...[5, 'Recognition budget of 20 € per person and month', 'Manager', 'In progress', 0.5],
      ...['Lucía Fernández, Ana García', 'Engineering, Customer Support', 'Score: leadership'],
      ...[at('2026-10-05T10:30'), 'Overdue', at('2026-09-05T10:30'), null, 0, 1],
    ])
    expect(summary.getCell('F19').numFmt).toBe('0%')
    expect(summary.getCell('J19').numFmt).toContain('dd mmm yyyy hh:mm')
    expect(summary.rowCount).toBe(26)
  })

  it('is frozen below its header, filters exactly the table and prints on one page’s width', async () => {
    const { summary, parts } = await read(sampleContent(12))
    expect(summary.views[0]).toMatchObject({ state: 'frozen', ySplit: 14 })
    expect(summary.autoFilter).toBe('B14:O26')
    expect(summary.pageSetup).toMatchObject({
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
      printTitlesRow: '14:14',
    })
    expect(summary.headerFooter.oddFooter).toContain('&P / &N')
    const workbook = parts.get('xl/workbook.xml')
    expect(workbook).toMatch(/name="_xlnm._FilterDatabase"[^>]*hidden="1"[^>]*>'Summary'!\$B\$14:\$O\$26</)
  })

  it('links every title to its sheet, apostrophes and all', async () => {
    const content = sampleContent(2)
    const actions = content.actions.map((action, index) => ({
      ...action,
      title: index === 0 ? 'it\'s <&> "so"' : 'b',
    }))
    const { parts } = await read({ ...content, actions })
    const summary = parts.get('xl/worksheets/sheet1.xml')
    expect(summary).toContain(`<hyperlink ref="C15" location="'1. it''s &lt;&amp;&gt; &quot;so&quot;'!A1"/>`)
    expect(summary).toContain(`<hyperlink ref="C16" location="'2. b'!A1"/>`)
    expect(parts.get('xl/worksheets/sheet2.xml')).toContain(`location="'Summary'!A1"`)
    expect([...parts.keys()].filter((name) => name.startsWith('xl/worksheets/_rels/'))).toEqual([
      'xl/worksheets/_rels/sheet1.xml.rels',
    ])
  })

  it('colours and bars reach to the last row', async () => {
    const { summary } = await read(sampleContent(12))
    // exceljs reads them but doesn't declare them.
    const formats = Reflect.get(summary, 'conditionalFormattings') as {
      ref: string
      rules: { type: string }[]
    }[]
    const byRef = new Map(formats.map(({ ref, rules }) => [ref, rules.map(({ type }) => type)]))
    expect(byRef.get('E15:E26')).toEqual(Array(5).fill('cellIs'))
    expect(byRef.get('F15:F26')).toEqual(['dataBar'])
    expect(byRef.get('J15:K26')).toEqual(['expression'])
  })

  it('says that a plan has no actions', async () => {
    const { summary, sheets } = await read(sampleContent(0))
    expect(sheets).toHaveLength(0)
    expect(summary.getCell('B15').value).toBe('This plan has no actions yet.')
    expect(valueBeside(summary, 'Total')).toBe(0)
    const hidden = await read(sampleContent(0, { hasHiddenActions: true }))
    expect(hidden.summary.getCell('B15').value).toBe('This plan has no actions that you may read.')
  })

  it('names no creator for a legacy plan', async () => {
    const content = sampleContent(1)
    const { summary } = await read({ ...content, plan: { ...content.plan, creatorName: null } })
    expect(valueBeside(summary, 'Created by')).toBe('Legacy plan, no recorded creator')
  })

  it('repeats a description below the table that is too long to stand above it', async () => {
    const content = sampleContent(2)
    const description = 'All of it matters. '.repeat(100)
    const { summary } = await read({ ...content, plan: { ...content.plan, description } })
    expect(summary.getCell('B3').value).toBe(description)
    expect(summary.getRow(3).height).toBeLessThan(60)
    expect(summary.getCell('B17').value).toBe('Plan description in full')
    expect(summary.getCell('B18').value).toBe(description)
    expect(summary.autoFilter).toBe('B14:O16')
  })

  it('speaks Spanish', async () => {
    const { summary, sheets, parts } = await read(sampleContent(2, { locale: 'es' }))
    expect(summary.name).toBe('Resumen')
    expect(tableRow(summary, 0).slice(0, 4)).toEqual(['N.º', 'Acción', 'Tipo', 'Estado'])
    expect(tableRow(summary, 1)[3]).toBe('Completada')
    expect(summary.getCell('J15').numFmt).toContain('[$-C0A]')
    expect(valueBeside(sheets[0], 'Estado')).toBeDefined()
    expect(parts.get('xl/worksheets/sheet2.xml')).toContain(`location="'Resumen'!A1"`)
    expect(parts.get('xl/workbook.xml')).toContain(`'Resumen'!$14:$14`)
    for (const xml of parts.values()) expect(xml).not.toMatch(/\bSummary!|'Summary'|Not started/)
  })
})

describe('chart', () => {
  it('counts by status and points at the Summary', async () => {
    const { parts } = await read(sampleContent(12, { locale: 'es' }))
    const chart = parts.get('xl/charts/chart1.xml') ?? ''
    expect([...chart.matchAll(/<c:f>(.*?)<\/c:f>/g)].map((match) => match[1])).toEqual([
      'Resumen!$D$5',
      'Resumen!$D$6:$D$10',
      'Resumen!$F$6:$F$10',
    ])
    expect([...chart.matchAll(/<c:v>(.*?)<\/c:v>/g)].map((match) => match[1])).toEqual([
      'Acciones por estado',
      ...['Sin iniciar', 'En curso', 'Completada', 'Cancelada', 'Vencida', '2', '4', '4', '1', '1'],
    ])
    expect(parts.get('xl/drawings/drawing1.xml')).toContain('descr="Acciones por estado"')
  })
})

describe('action sheet', () => {
  it('holds all fields, the assignees and the notes', async () => {
    const { sheets } = await read(sampleContent(4))
    const sheet = sheets[3]
    expect(sheet?.name).toBe('4. Mentoring programme for the')
    const fields = [
      'Type',
      'Origin',
      'Visibility',
      'Created by',
      'Started',
      'Finished',
      'Created',
      'Updated',
      'Areas',
      'Focus',
    ]
    expect(fields.map((label) => valueBeside(sheet, label))).toEqual([
      ...['Company', 'Manual', 'Public: all company managers', 'Jonas Weber', at('2026-09-04T10:30')],
      ...[at('2026-09-25T10:30'), at('2026-09-01T13:30'), at('2026-09-13T10:30'), 'Whole company', 'eNPS'],
    ])
    const values = [...cellsOf(sheet).values()]
    const after = (label: string, count: number) => values.slice(values.indexOf(label) + 1).slice(0, count)
    expect(after('Overdue', 4)).toEqual(['Completed', 1, at('2026-10-04T10:30'), 'No'])
    expect(after('Account', 5)).toEqual([
      ...['Jonas Weber', 'Completed', at('2026-09-04T10:30'), at('2026-09-25T10:30'), 'Inactive'],
    ])
    expect(after('Note', 9)).toEqual([
      ...[at('2026-09-04T10:30'), 'Lucía Fernández', sampleDetail(3).notes[0]?.text],
      ...[at('2026-09-05T10:30'), 'Ana García', sampleDetail(3).notes[1]?.text],
      ...[at('2026-09-06T10:30'), 'Marc Dubois', sampleDetail(3).notes[2]?.text],
    ])
    expect(sheet?.pageSetup).toMatchObject({ orientation: 'portrait', fitToPage: true, fitToHeight: 0 })
  })

  it('says what is missing', async () => {
    const content = sampleContent(1)
    const action = {
      ...sampleAction(0),
      dueDate: null,
      startedAt: null,
      finishedAt: null,
      focusItems: [],
      overdue: true,
    }
    const details = detailsOf([{ ...sampleDetail(0), description: '', creatorName: null, notes: [] }])
    const { sheets } = await read({ ...content, actions: [action], details })
    const values = [...cellsOf(sheets[0]).values()]
    expect(values).toContain('No description.')
    expect(values).toContain('No execution notes yet.')
    expect(values.slice(values.indexOf('Overdue') + 3).slice(0, 2)).toEqual(['–', 'Overdue'])
    expect(valueBeside(sheets[0], 'Created by')).toBe('Not recorded')
    expect(valueBeside(sheets[0], 'Focus')).toBe('–')
  })

  it('lets a long note go on over several rows, none taller than Excel allows', async () => {
    const text = 'A line of the log.\n'.repeat(120)
    const content = sampleContent(1)
    const notes = [{ authorName: 'Ana', createdAt: 0, text }]
    const { sheets } = await read({ ...content, details: detailsOf([{ ...sampleDetail(0), notes }]) })
    const sheet = sheets[0]
    let total = 0
    sheet?.eachRow({ includeEmpty: true }, (row) => {
      expect(row.height).toBeLessThanOrEqual(409)
      total += row.height
    })
    expect(total).toBeGreaterThan(120 * 12)
    expect([...cellsOf(sheet).values()].filter((value) => value === text)).toHaveLength(1)
  })
})

describe('volumes', () => {
  const second = { volume: { number: 2, of: 3, first: 4, count: 4, starts: [0, 4, 8] } }

  it('hold the whole Summary and their own sheets, numbered through', async () => {
    const { workbook, summary, parts } = await read(sampleContent(10, second))
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(
      [
        'Summary',
        ...[
          '5. Recognition budget of 20 € p',
          '6. Meeting-free Wednesday after',
          '7. Train 12 managers in giving',
        ],
        '8. Review on-call rota compensa',
      ].map((name) => name.slice(0, 31)),
    )
    expect(summary.rowCount).toBe(24)
    expect(Array.from({ length: 10 }, (_, index) => tableRow(summary, index + 1)[13])).toEqual([
      ...[1, 1, 1, 1, 2, 2, 2, 2, 3, 3],
    ])
    expect(summary.getColumn('O').hidden).toBe(false)
    const links = [...(parts.get('xl/worksheets/sheet1.xml') ?? '').matchAll(/<hyperlink ref="(\w+)"/g)]
    expect(links.map((match) => match[1])).toEqual(['C19', 'C20', 'C21', 'C22'])
    expect([...cellsOf(summary).values()]).toContain(
      'File 2 of 3: the table lists all 10 actions, the sheets of actions 5 to 8 are in this file.',
    )
  })

  it('tell the last one’s size from where it begins', async () => {
    const { summary } = await read(
      sampleContent(10, { volume: { number: 3, of: 3, first: 8, count: 2, starts: [0, 4, 8] } }),
    )
    expect(tableRow(summary, 4)[13]).toBe(1)
    expect(tableRow(summary, 5)[13]).toBe(2)
    expect(tableRow(summary, 10)[13]).toBe(3)
  })

  it('need as many details as they have actions', async () => {
    const tooFew = sampleContent(3, { details: detailsOf([sampleDetail(0)]) })
    await expect(buildWorkbook(tooFew)).rejects.toThrow('1 details for the 3 actions of the volume')
    const tooMany = sampleContent(1, { details: detailsOf([sampleDetail(0), sampleDetail(1)]) })
    await expect(buildWorkbook(tooMany)).rejects.toThrow('more details than the 1 actions of the volume')
  })
})

describe('package', () => {
  it('lists exactly its parts, with nothing left of the template', async () => {
    const { parts } = await read(sampleContent(3))
    const types = parts.get('[Content_Types].xml') ?? ''
    for (const [, name] of types.matchAll(/PartName="\/([^"]*)"/g)) expect([...parts.keys()]).toContain(name)
    expect(types.match(/worksheet\+xml/g)).toHaveLength(4)
    expect(types).not.toContain('calcChain')
    for (const [name, xml] of parts) expect(xml, name).not.toMatch(/\{\{|Action!|rId\w*"[^>]*Target=""/)
    const ids = [...(parts.get('xl/workbook.xml') ?? '').matchAll(/sheetId="(\d+)"/g)].map(
      (match) => match[1],
    )
    expect(new Set(ids).size).toBe(4)
    expect(parts.get('xl/workbook.xml')).toMatch(/<workbook [^>]*xmlns:r=/)
  })

  it('is the same for the same content, and tells who exported it, not who drew the template', async () => {
    const [one, other] = [await buildWorkbook(sampleContent(5)), await buildWorkbook(sampleContent(5))]
    expect(one).toEqual(other)
    const { workbook } = await read(sampleContent(1))
    expect(workbook.creator).toBe('Ana García')
    expect(workbook.title).toBe('Raise engagement after the merger')
    expect(workbook.created).toEqual(new Date('2026-10-31T08:30:00Z'))
  })
})
