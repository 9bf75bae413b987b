import ExcelJS from 'exceljs'
import JSZip from 'jszip'
import { SaxesParser } from 'saxes'

/** A workbook as exceljs, which shares no code with the builder, reads it. */
export async function readWithExceljs(file: Uint8Array): Promise<ExcelJS.Workbook> {
  const workbook = new ExcelJS.Workbook()
  const bytes = new ArrayBuffer(file.length)
  new Uint8Array(bytes).set(file)
  await workbook.xlsx.load(bytes)
  return workbook
}

/** Every cell of a sheet that holds something, by address; merged cells count once. */
export function cellsOf(sheet: ExcelJS.Worksheet | undefined): Map<string, ExcelJS.CellValue> {
  const cells = new Map<string, ExcelJS.CellValue>()
  sheet?.eachRow((row) => {
    row.eachCell((cell) => {
      if (cell.master === cell) cells.set(cell.address, cell.value)
    })
  })
  return cells
}

/** The texts on a sheet, row by row. */
export function textsOf(sheet: ExcelJS.Worksheet | undefined): string[] {
  return [...cellsOf(sheet).values()].filter((value) => typeof value === 'string')
}

/** The first cell that holds this text. Throws when none does. */
export function cellOf(sheet: ExcelJS.Worksheet | undefined, value: string): ExcelJS.Cell {
  const [address] = [...cellsOf(sheet)].find(([, held]) => held === value) ?? []
  if (sheet === undefined || address === undefined) throw new Error(`No cell holds ${value}`)
  return sheet.getCell(address)
}

/** The cell `distance` further than the label's, counting only cells that hold something. */
export function cellBeside(sheet: ExcelJS.Worksheet | undefined, label: string, distance = 1): ExcelJS.Cell {
  const addresses = [...cellsOf(sheet).keys()]
  const { address, worksheet } = cellOf(sheet, label)
  return worksheet.getCell(addresses[addresses.indexOf(address) + distance] ?? '')
}

export function valueBeside(sheet: ExcelJS.Worksheet | undefined, label: string): ExcelJS.CellValue {
  return cellBeside(sheet, label).value
}

export function cellBelow(sheet: ExcelJS.Worksheet | undefined, label: string): ExcelJS.Cell {
  const { row, col, worksheet } = cellOf(sheet, label)
  return worksheet.getCell(Number(row) + 1, col)
}

/** The table of a Summary, by the names of its columns; its rows are counted from 1, the first below the headings. */
export function tableOf(summary: ExcelJS.Worksheet, firstHeading = '#') {
  const header = Number(cellOf(summary, firstHeading).row)
  const headings = new Map<ExcelJS.CellValue, number>()
  summary.getRow(header).eachCell(({ value, col }) => headings.set(value, Number(col)))
  const cell = (row: number, heading: string) => {
    const column = headings.get(heading)
    if (column === undefined) throw new Error(`No column ${heading}`)
    return summary.getCell(header + row, column)
  }
  return {
    header,
    headings: [...headings.keys()],
    cell,
    row: (row: number) => [...headings.values()].map((column) => summary.getCell(header + row, column).value),
    column: (heading: string) => summary.getColumn(cell(0, heading).col),
    /** From the heading's cell in that row to the other's. */
    range: ([first, firstRow]: [string, number], [last, lastRow]: [string, number]) =>
      `${cell(firstRow, first).address}:${cell(lastRow, last).address}`,
  }
}

/** `B14:O26` as `$B$14:$O$26`. */
export function absolute(range: string): string {
  return range.replace(/([A-Z]+)(\d+)/g, '$$$1$$$2')
}

/** The XML parts of a package as text, each of them parsed strictly first: throws at what is not well-formed. */
export async function readParts(file: Uint8Array): Promise<Map<string, string>> {
  const parts = new Map<string, string>()
  for (const [name, part] of Object.entries((await JSZip.loadAsync(file)).files)) {
    const xml = await part.async('string')
    const parser = new SaxesParser({ xmlns: true, fileName: name })
    parser.on('error', (error) => {
      throw error
    })
    parser.write(xml).close()
    parts.set(name, xml)
  }
  return parts
}
