import { crc32, deflateRawSync } from 'node:zlib'
import type { SampleContent } from '../exports/workbook/sample.ts'
import { excelDatesIn } from '../../src/exports/workbook/dates.ts'
import { labelsOf } from '../../src/exports/workbook/labels.ts'
import { actionSheetName } from '../../src/exports/workbook/names.ts'
import { columnName } from '../../src/exports/workbook/ranges.ts'
import { escapeXml } from '../../src/exports/workbook/text.ts'
import { assembleZip, type ZipEntry } from '../../src/exports/workbook/zip.ts'
import { barColumns, dataRows, summaryCells } from './summary-cells.ts'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/**
 * The floor: the same rows and cells written by hand as inline strings, no template, no table of strings, no checks,
 * each part deflated in one synchronous call of zlib. Nothing that makes such a workbook can be much faster.
 */
export async function buildFloor(content: SampleContent): Promise<Uint8Array> {
  const labels = labelsOf(content.locale)
  const toExcelDate = excelDatesIn(content.timeZone)
  const parts: ZipEntry[] = []
  const encoder = new TextEncoder()
  const add = (name: string, xml: string): void => {
    const bytes = encoder.encode(xml)
    const compressed = deflateRawSync(bytes)
    parts.push({ name: encoder.encode(name), crc32: crc32(bytes), size: bytes.length, compressed })
  }
  const sheet = (rows: string[]): string =>
    `<worksheet xmlns="${MAIN}"><sheetData>${rows.join('')}</sheetData></worksheet>`
  const row = (number: number, values: readonly (string | number | null | undefined)[]): string => {
    let cells = ''
    for (const [index, value] of values.entries()) {
      const start = `<c r="${columnName(index + 2)}${number}" s="${index}"`
      if (typeof value === 'number') cells += `${start}><v>${value}</v></c>`
      else if (value === null || value === undefined) cells += `${start}/>`
      else cells += `${start} t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`
    }
    return `<row r="${number}" ht="20" customHeight="1">${cells}</row>`
  }

  const names = content.actions.map((action, index) => actionSheetName(index + 1, action.title))
  const summary = content.actions.map((action, index) =>
    row(index + 15, [index + 1, action.title, ...summaryCells(action, labels, toExcelDate)]),
  )
  add(
    'xl/worksheets/sheet1.xml',
    sheet([row(2, [content.plan.title]), row(3, [content.plan.description]), ...summary]),
  )
  const timeline: string[] = []
  const data: string[] = []
  let index = 0
  for await (const detail of content.details) {
    const action = content.actions[index++]
    if (action === undefined) break
    const bar = [labels.statuses[action.status], toExcelDate(action.startedAt), toExcelDate(action.dueDate)]
    const gap = Array<null>(barColumns(index).length).fill(null)
    timeline.push(row(index, [index, action.title, ...bar, ...gap]))
    for (const cells of dataRows(action, detail, index, labels, toExcelDate))
      data.push(row(data.length + 1, cells))
    let next = 1
    const status = labels.statuses[action.status]
    const [type, origin] = [labels.actionTypes[action.actionType], labels.origins[detail.origin]]
    const visibility = labels.visibilities[detail.visibility]
    const areas = action.hierarchies.map(({ name }) => name).join(', ') || labels.companyWide
    const focus = action.focusItems.map(({ focusType }) => labels.focusTypes[focusType]).join(', ')
    const [due, started, finished] = [action.dueDate, action.startedAt, action.finishedAt].map(toExcelDate)
    const [created, updated] = [toExcelDate(detail.createdAt), toExcelDate(detail.updatedAt)]
    const fixed: (string | number | null | undefined)[][] = [
      [labels.backToSummary, null, content.plan.title, null, null, null],
      [labels.position(String(index), String(content.actions.length)), null, null, null, null, null],
      [action.title, null, null, null, null, null],
      [labels.status, labels.completion, null, labels.due, null, labels.overdue],
      [status, action.completionPercent / 100, null, due, null, null],
      [labels.type, type, null, labels.origin, origin, null],
      [labels.visibility, visibility, null, labels.createdBy, detail.creatorName, null],
      [labels.started, started, null, labels.created, created, null],
      [labels.finished, finished, null, labels.updated, updated, null],
      [labels.areas, areas, null, null, null, null],
      [labels.focus, focus, null, null],
      [labels.description, null, null, null, null, null],
      [detail.description, null, null, null, null, null],
      [labels.assignees, null, null, null, null, null],
      [labels.name, null, labels.status, labels.started, labels.finished, labels.account],
    ]
    const assignees = action.assignees.map(({ name, status, startedAt, finishedAt, active }) => [
      ...[name, null, labels.statuses[status], toExcelDate(startedAt), toExcelDate(finishedAt)],
      active ? labels.active : labels.inactive,
    ])
    const notes = detail.notes.map((note) => [toExcelDate(note.createdAt), note.authorName, note.text])
    const rows = [...fixed, ...assignees, [labels.executionNotes, null, null], ...notes]
    add(`xl/worksheets/sheet${index + 1}.xml`, sheet(rows.map((values) => row(next++, values))))
  }
  add(`xl/worksheets/sheet${index + 2}.xml`, sheet(timeline))
  add(`xl/worksheets/sheet${index + 3}.xml`, sheet(data))
  const all = [labels.sheetName, ...names, labels.timeline, labels.dataSheet]
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${all.map((name, place) => `<sheet name="${escapeXml(name)}" sheetId="${place + 1}" r:id="rId${place + 1}"/>`).join('')}</sheets></workbook>`,
  )
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships">${all.map((_, place) => `<Relationship Id="rId${place + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${place + 1}.xml"/>`).join('')}</Relationships>`,
  )
  add(
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  )
  add(
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/>${all.map((_, place) => `<Override PartName="/xl/worksheets/sheet${place + 1}.xml" ContentType="${TYPES}.worksheet+xml"/>`).join('')}</Types>`,
  )
  return assembleZip(parts)
}
