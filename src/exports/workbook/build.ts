/** Builds a workbook: the entry point of this folder. */
import { writeActionSheet } from './action-sheet.ts'
import { fillChart } from './chart.ts'
import type { WorkbookContent } from './content.ts'
import { excelDatesIn } from './dates.ts'
import { labelsOf } from './labels.ts'
import { actionSheetName, sheetReference } from './names.ts'
import { relocate, writeListingParts } from './package-parts.ts'
import { createSharedStrings } from './shared-strings.ts'
import { createSheetWriter } from './sheet-writer.ts'
import { blockValues, fillBlock, surveyOf, writeSummary } from './summary.ts'
import { openTemplate, sheetPart, TEMPLATE_SUMMARY } from './template.ts'
import type { Wording } from './wording.ts'
import { createZip } from './zip.ts'

/**
 * Builds one file of an export: the Summary and a sheet for each action of the volume. The package comes from the
 * template as xlsx-populate packed it in the reader's language. Sheets are written row by row and compressed at once,
 * so that memory holds the details and sheet of one action at most.
 * @returns the bytes of an .xlsx file; the same content gives the same bytes
 * @throws RangeError for an unknown time zone; Error if there are fewer or more details than actions in the volume
 */
export async function buildWorkbook(content: WorkbookContent): Promise<Uint8Array> {
  const { volume } = content
  const wording = wordingOf(content)
  const survey = await surveyOf(content)
  const sheetNames = survey.titles.map((title, index) => actionSheetName(volume.first + index + 1, title))

  const template = await openTemplate(wording.labels, volume.of > 1)
  const block = blockValues(content, survey, wording)
  const summarySheet = fillBlock(template.summary, block)

  const summaryName = wording.labels.sheetName
  const toWorkbook = (location: string): string =>
    relocate(location, TEMPLATE_SUMMARY, sheetReference(summaryName))
  const zip = createZip()
  const strings = createSharedStrings(zip.open('xl/sharedStrings.xml'))

  const summary = zip.open(sheetPart(0))
  const summaryWriter = createSheetWriter(summarySheet, strings, toWorkbook)
  for await (const xml of writeSummary(summarySheet, summaryWriter, content, sheetNames, wording)) {
    await summary.write(xml)
    await strings.flush()
  }
  await summary.close()

  let written = 0
  const details = content.details[Symbol.asyncIterator]()
  for await (const action of content.actions.slice(volume.first, volume.first + volume.count)) {
    const detail = await details.next()
    if (detail.done) break
    written++
    const page = { position: volume.first + written, action, detail: detail.value }
    const writer = createSheetWriter(template.action, strings, toWorkbook)
    const sheet = zip.open(sheetPart(written))
    for await (const xml of writeActionSheet(template.action, writer, content, page, wording)) {
      await sheet.write(xml)
      await strings.flush()
    }
    await sheet.close()
  }
  if (written !== volume.count)
    throw new Error(`${written} details for the ${volume.count} actions of the volume`)
  if (!(await details.next()).done)
    throw new Error(`more details than the ${volume.count} actions of the volume`)
  await strings.close()

  const names = { summary: summaryName, actions: sheetNames }
  await writeListingParts(zip, template, names, summaryWriter.filterRange(), content)
  for (const [name, xml] of template.charts) await zip.add(name, fillChart(xml, block))
  for (const part of template.otherParts) zip.copy(part)
  return zip.finish()
}

function wordingOf({ locale, timeZone }: WorkbookContent): Wording {
  const numbers = new Intl.NumberFormat(locale)
  return {
    labels: labelsOf(locale),
    toExcelDate: excelDatesIn(timeZone),
    count: (value) => numbers.format(value),
  }
}
