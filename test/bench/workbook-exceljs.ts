import ExcelJS from 'exceljs'
import type { SampleContent } from '../exports/workbook/sample.ts'
import { type Labels, labelsOf } from '../../src/exports/workbook/labels.ts'
import { actionSheetName, sheetReference } from '../../src/exports/workbook/names.ts'
import { barColumns, dataRows, summaryCells } from './summary-cells.ts'

const DATE = 'dd mmm yyyy hh:mm'
const HEADING = { bold: true, color: { argb: 'FF1F3A5F' } }
const FILL = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFF4F6F9' } } as const
const LINE = { bottom: { style: 'thin', color: { argb: 'FFD5DBE3' } } } as const
const WRAP = { wrapText: true, vertical: 'top' } as const
const STATUS_FILLS = ['FFE5E7EB', 'FFDBEAFE', 'FFDCFCE7', 'FFEDE9FE', 'FFFFEDD5']
const FOOTER = '&L&8&A&R&8&P / &N'
const date = (instant: number | null): Date | null => (instant === null ? null : new Date(instant))

function colourStatuses(sheet: ExcelJS.Worksheet, ref: string, labels: Labels): void {
  const rules = Object.values(labels.statuses).map((label, index): ExcelJS.ConditionalFormattingRule => ({
    type: 'cellIs',
    operator: 'equal',
    priority: index + 1,
    formulae: [`"${label}"`],
    style: {
      fill: { type: 'pattern', pattern: 'solid', bgColor: { argb: STATUS_FILLS[index] ?? 'FFFFFFFF' } },
    },
  }))
  sheet.addConditionalFormatting({ ref, rules })
}

function barFor(sheet: ExcelJS.Worksheet, ref: string): void {
  const scale: ExcelJS.Cvfo[] = [
    { type: 'num', value: 0 },
    { type: 'num', value: 1 },
  ]
  // exceljs needs a colour here, which its types lack.
  const rule = { type: 'dataBar', priority: 9, cfvo: scale, color: { argb: 'FF8FD3A8' } }
  sheet.addConditionalFormatting({ ref, rules: [rule as ExcelJS.DataBarRuleType] })
}

/** The yardstick: the same content, written with exceljs in a straightforward way. */
export async function buildWithExceljs(content: SampleContent): Promise<Uint8Array> {
  const labels = labelsOf(content.locale)
  const workbook = new ExcelJS.Workbook()
  const summary = workbook.addWorksheet(labels.sheetName, {
    pageSetup: { orientation: 'landscape', fitToPage: true, fitToHeight: 0 },
    headerFooter: { oddFooter: FOOTER },
  })
  summary.columns = [6, 42, 12, 14, 13, 29, 23, 18, 19, 12, 19, 19, 8].map((width) => ({ width }))
  summary.addRow([labels.actionPlan])
  summary.addRow([content.plan.title]).font = { ...HEADING, size: 20 }
  summary.addRow([content.plan.description])
  summary.addRow([labels.completion, content.plan.completionPercent / 100]).getCell(2).numFmt = '0%'
  for (const [status, label] of Object.entries(labels.statuses))
    summary.addRow([label, content.actions.filter((action) => action.status === status).length])
  summary.addRow([labels.createdBy, content.plan.creatorName])
  summary.addRow([labels.created, date(content.plan.createdAt)])
  summary.addRow([labels.exported, date(content.exportedAt)])
  summary.addRow([labels.exportedBy, content.exportedBy])
  const header = summary.addRow([
    ...[labels.number, labels.action, labels.type, labels.status, labels.completion, labels.assignees],
    ...[labels.areas, labels.focus, labels.due, labels.overdue, labels.started, labels.finished],
    labels.notes,
  ])
  const [top, first] = [header.number, header.number + 1]
  summary.views = [{ state: 'frozen', ySplit: top }]
  summary.pageSetup.printTitlesRow = `${top}:${top}`
  header.font = { bold: true, color: { argb: 'FFFFFFFF' } }
  header.fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FF1F3A5F' } }
  for (const [index, action] of content.actions.entries()) {
    const row = summary.addRow([
      index + 1,
      { text: action.title, hyperlink: `#${sheetReference(actionSheetName(index + 1, action.title))}!A1` },
      ...summaryCells(action, labels, date),
    ])
    row.eachCell({ includeEmpty: true }, (cell) => {
      cell.border = LINE
      cell.alignment = WRAP
    })
    row.getCell(5).numFmt = '0%'
    for (const column of [9, 11, 12]) row.getCell(column).numFmt = DATE
  }
  const last = summary.rowCount
  summary.autoFilter = `A${top}:M${last}`
  colourStatuses(summary, `D${first}:D${last}`, labels)
  barFor(summary, `E${first}:E${last}`)

  const timeline = workbook.addWorksheet(labels.timeline)
  timeline.columns = [6, 56, 14, 13, 13, ...Array<number>(60).fill(2)].map((width) => ({ width }))
  const data = workbook.addWorksheet(labels.dataSheet)

  let index = content.volume.first
  for await (const detail of content.details) {
    const action = content.actions[index++]
    if (action === undefined) break
    const bar = timeline.addRow([
      index,
      { text: action.title, hyperlink: `#${sheetReference(actionSheetName(index, action.title))}!A1` },
      ...[labels.statuses[action.status], date(action.startedAt), date(action.dueDate)],
    ])
    for (const column of barColumns(index)) bar.getCell(column + 6).fill = FILL
    for (const column of [4, 5]) bar.getCell(column).numFmt = DATE
    for (const cells of dataRows(action, detail, index, labels, date)) {
      const row = data.addRow(cells)
      for (const column of [14, 15, 16, 19, 20, 25, 26]) row.getCell(column).numFmt = DATE
    }
    const sheet = workbook.addWorksheet(actionSheetName(index, action.title), {
      pageSetup: { orientation: 'portrait', fitToPage: true, fitToHeight: 0 },
      headerFooter: { oddFooter: FOOTER },
    })
    sheet.columns = [19, 20, 16, 18, 18, 18].map((width) => ({ width }))
    sheet.addRow([{ text: labels.backToSummary, hyperlink: `#${labels.sheetName}!A1` }])
    sheet.addRow([labels.position(String(index), String(content.actions.length))])
    sheet.addRow([action.title]).font = { ...HEADING, size: 18 }
    sheet.mergeCells('A3:F3')
    const tiles = sheet.addRow([labels.status, labels.completion, null, labels.due, null, labels.overdue])
    const overdue = action.overdue ? labels.overdue : labels.notOverdue
    const [status, completion] = [labels.statuses[action.status], action.completionPercent / 100]
    const values = sheet.addRow([status, completion, null, date(action.dueDate), null, overdue])
    for (const row of [tiles, values]) {
      sheet.mergeCells(row.number, 2, row.number, 3)
      sheet.mergeCells(row.number, 4, row.number, 5)
      row.eachCell({ includeEmpty: true }, (cell) => (cell.fill = FILL))
      row.height = 22
    }
    values.font = { bold: true, size: 12 }
    values.getCell(2).numFmt = '0%'
    values.getCell(4).numFmt = DATE
    barFor(sheet, 'B5:C5')
    sheet.addRow([labels.details]).font = HEADING
    const pairs: [string, ExcelJS.CellValue, string, ExcelJS.CellValue, string?][] = [
      [labels.type, labels.actionTypes[action.actionType], labels.origin, labels.origins[detail.origin]],
      [labels.visibility, labels.visibilities[detail.visibility], labels.createdBy, detail.creatorName],
      [labels.started, date(action.startedAt), labels.created, date(detail.createdAt), DATE],
      [labels.finished, date(action.finishedAt), labels.updated, date(detail.updatedAt), DATE],
    ]
    for (const [label, value, secondLabel, second, format] of pairs) {
      const row = sheet.addRow([label, value, null, secondLabel, second])
      row.height = 17
      for (const column of [1, 4]) row.getCell(column).font = { size: 9, color: { argb: 'FF56606E' } }
      for (const column of [2, 5]) {
        sheet.mergeCells(row.number, column, row.number, column + 1)
        row.getCell(column).alignment = WRAP
        if (format !== undefined) row.getCell(column).numFmt = format
      }
    }
    for (const [label, text] of [
      [labels.areas, action.hierarchies.map(({ name }) => name).join(', ') || labels.companyWide],
      [labels.focus, action.focusItems.map(({ focusType }) => labels.focusTypes[focusType]).join(', ')],
    ]) {
      const row = sheet.addRow([label, text])
      sheet.mergeCells(row.number, 2, row.number, 6)
      row.getCell(1).font = { size: 9, color: { argb: 'FF56606E' } }
      row.getCell(2).alignment = WRAP
    }
    sheet.addRow([labels.description]).font = HEADING
    const description = sheet.addRow([detail.description])
    sheet.mergeCells(description.number, 1, description.number, 6)
    description.getCell(1).alignment = WRAP
    description.height = 54
    sheet.addRow([labels.assignees]).font = HEADING
    sheet.addRow([labels.name, null, labels.status, labels.started, labels.finished, labels.account]).font =
      HEADING
    const firstAssignee = sheet.rowCount + 1
    for (const { name, status, startedAt, finishedAt, active } of action.assignees) {
      const state = [name, null, labels.statuses[status], date(startedAt), date(finishedAt)]
      const row = sheet.addRow([...state, active ? labels.active : labels.inactive])
      sheet.mergeCells(row.number, 1, row.number, 2)
      row.eachCell({ includeEmpty: true }, (cell) => (cell.border = LINE))
      row.height = 18
      for (const column of [4, 5]) row.getCell(column).numFmt = DATE
    }
    colourStatuses(sheet, 'A5', labels)
    colourStatuses(sheet, `C${firstAssignee}:C${sheet.rowCount}`, labels)
    sheet.addRow([labels.executionNotes]).font = HEADING
    for (const { createdAt, authorName, text } of detail.notes) {
      const row = sheet.addRow([date(createdAt), authorName, text])
      sheet.mergeCells(row.number, 3, row.number, 6)
      row.getCell(1).numFmt = DATE
      row.getCell(3).alignment = WRAP
      row.eachCell({ includeEmpty: true }, (cell) => (cell.border = LINE))
      row.height = 20
    }
  }
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}
