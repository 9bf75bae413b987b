/** Reading the exported workbook back with a library that did not write it. */
import ExcelJS from 'exceljs'

/**
 * Checks that the bytes are a workbook with a Summary and one sheet per action that names it.
 * @returns the names of its sheets
 */
export async function checkWorkbook(bytes: ArrayBuffer, actionTitles: readonly string[]): Promise<string[]> {
  const start = new Uint8Array(bytes, 0, 4)
  if (String(start) !== '80,75,3,4') throw new Error('The file is not a zip, so no workbook.')
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes)
  const names = workbook.worksheets.map((sheet) => sheet.name)
  const ofActions = names.filter((name) => /^\d+\./.test(name))
  if (ofActions.length !== actionTitles.length || names[0] !== 'Summary') {
    throw new Error(
      `Expected Summary and ${actionTitles.length} sheets of actions, found: ${names.join(', ')}`,
    )
  }
  const summary = textOf(workbook.worksheets[0])
  for (const [index, title] of actionTitles.entries()) {
    // As far as a sheet's name can follow the title: it is short, and some characters cannot stand in it.
    const beginning = title.split(/[[\]:*?/\\]/, 1)[0]?.slice(0, 16) ?? ''
    const isNamed = ofActions[index]?.startsWith(`${index + 1}. ${beginning}`) ?? false
    if (!isNamed || !summary.includes(title)) throw new Error(`Nothing in the workbook about "${title}".`)
  }
  return names
}

function textOf(sheet: ExcelJS.Worksheet | undefined): string {
  const texts: string[] = []
  sheet?.eachRow((row) => {
    row.eachCell((cell) => texts.push(cell.text))
  })
  return texts.join('\n')
}
