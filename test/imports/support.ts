/** Sends files to be imported. */
import ExcelJS from 'exceljs'
import { NDJSON_TYPE, WORKBOOK_TYPE } from '../../src/imports/reading.ts'
import type { ImportView } from '../../src/imports/schemas.ts'
import { call, COMPANY, type Reply } from '../support/api.ts'
import type { Person } from '../support/world.ts'

export const IMPORTS = `${COMPANY}/imports`

export type ImportReply = Reply<ImportView>

interface Options {
  dryRun?: boolean
  headers?: Record<string, string>
}

function send(
  who: Person | string,
  body: string | Uint8Array,
  type: string,
  { dryRun, headers = {} }: Options,
): Promise<ImportReply> {
  const query = dryRun === undefined ? '' : `?dryRun=${dryRun}`
  return call<ImportView>(who, 'POST', `${IMPORTS}${query}`, {
    body,
    headers: { 'Content-Type': type, ...headers },
  })
}

/** Plans as NDJSON, a line each; text goes as it stands. */
export function importLines(who: Person | string, plans: readonly unknown[] | string, options: Options = {}) {
  const text = typeof plans === 'string' ? plans : plans.map((plan) => JSON.stringify(plan)).join('\n')
  return send(who, text, NDJSON_TYPE, options)
}

export function importWorkbook(who: Person | string, bytes: Uint8Array, options: Options = {}) {
  return send(who, bytes, WORKBOOK_TYPE, options)
}

export type CellIn = string | number | Date | boolean | null

/** A workbook with one sheet, made by exceljs. */
export async function workbookOf(
  rows: readonly (readonly CellIn[])[],
  sheet = 'Actions',
): Promise<Uint8Array> {
  const workbook = new ExcelJS.Workbook()
  workbook.addWorksheet(sheet).addRows(rows as unknown[][])
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}
