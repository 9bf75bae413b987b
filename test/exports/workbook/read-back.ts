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

/** The value right of a label, as on the sheets' blocks of fields. */
export function valueBeside(
  sheet: ExcelJS.Worksheet | undefined,
  label: string,
): ExcelJS.CellValue | undefined {
  const cells = [...cellsOf(sheet)]
  const at = cells.findIndex(([, value]) => value === label)
  return at === -1 ? undefined : cells[at + 1]?.[1]
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
