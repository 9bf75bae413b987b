/** Opens a workbook and finds its sheets. Pure. */
import { parsePart, relationshipsOf } from './parts.ts'
import { Allowance, type Bounds, FileRefused } from './refusal.ts'
import { readRows, type Row } from './sheet-reader.ts'
import { localName } from './xml-reader.ts'
import { openZip } from './zip-reader.ts'

export interface WorkbookReader {
  /** Names of the sheets, in their order, hidden ones left out. */
  sheets: readonly string[]
  /** Whether its dates count from 1904, as those of old Macintosh files do. */
  isFrom1904: boolean
  /** The rows of the sheet that have a value, or of its first rows. Throws `FileRefused`, for a formula only of all. */
  read(sheet: string, first?: number): Promise<Row[]>
}

const MOST_SHEETS = 2000

/** Throws `FileRefused` for what is no workbook. */
export async function openWorkbook(file: Uint8Array, bounds: Bounds): Promise<WorkbookReader> {
  const zip = openZip(
    file,
    new Allowance(bounds.inflated, 'The file inflates to more than an import may have.'),
  )
  const main = [...(await relationshipsOf(zip, '')).values()].find(({ type }) => type === 'officeDocument')
  const part = main?.target ?? 'xl/workbook.xml'
  const sheets = new Map<string, string>()
  const path: string[] = []
  let isFrom1904 = false
  const isThere = await parsePart(zip, part, {
    open(name, attributes) {
      path.push(name)
      const inside = path.join('/')
      if (inside === 'workbook/workbookPr')
        isFrom1904 = /^(1|true|on)$/.test(attributes.get('date1904') ?? '')
      if (inside !== 'workbook/sheets/sheet' || (attributes.get('state') ?? 'visible') !== 'visible') return
      // The id of the relationship is the one attribute `id` that has a prefix.
      const id = [...attributes].find(([key]) => key.includes(':') && localName(key) === 'id')?.[1] ?? ''
      sheets.set(attributes.get('name') ?? '', id)
      if (sheets.size > MOST_SHEETS) throw new FileRefused('The workbook has too many sheets.')
    },
    close: () => path.pop(),
    text: () => undefined,
  })
  if (!isThere) throw new FileRefused('The file is no workbook of Excel (.xlsx).')
  const related = await relationshipsOf(zip, part)
  const strings = [...related.values()].find(({ type }) => type === 'sharedStrings')?.target ?? null
  return {
    sheets: [...sheets.keys()],
    isFrom1904,
    async read(name, first) {
      const target = related.get(sheets.get(name) ?? '')
      if (target?.type !== 'worksheet') return []
      return readRows(zip, { name, part: target.target }, strings, bounds, first ?? null)
    },
  }
}
