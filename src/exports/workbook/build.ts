/** Builds the workbook of a plan: the entry point of this folder. */
import { writeActionSheet } from './action-sheet.ts'
import { writeBreakdown } from './breakdown-sheet.ts'
import type { WorkbookContent } from './content.ts'
import { closeData, writeData } from './data-sheet.ts'
import { labelOf, type Labels } from './labels.ts'
import { actionSheetName } from './names.ts'
import { STATUS_COLORS } from './status-colors.ts'
import { writeSummary } from './summary.ts'
import { surveyOf } from './survey.ts'
import { openTemplate, type Template } from './template.ts'
import bytes from './template.xlsx'
import { beginTimeline } from './timeline.ts'
import { createWorkbook } from './workbook-writer.ts'
import { wordingOf } from './wording.ts'

/** Names of the sheets in template.xlsx. */
const SUMMARY = 'Summary'
const TIMELINE = 'Timeline'
const BREAKDOWN = 'Breakdown'
const DATA = 'Data'
const ACTION = 'Action'

/** The columns that tell in which file an action has its sheet; hidden if there is one file only. */
const VOLUME_COLUMN = ['action.volume']

/**
 * Builds one file of an export: the Summary over all actions; timeline, data and a sheet for each action of the volume.
 * The package comes from the template as xlsx-populate packed it in the reader's language. Sheets are written row by row
 * and compressed at once, so that memory holds the details and sheet of one action at most.
 * @returns the bytes of an .xlsx file; the same content gives the same bytes
 * @throws RangeError for an unknown time zone; Error if there are fewer or more details than actions in the volume
 */
export async function buildWorkbook(content: WorkbookContent): Promise<Uint8Array> {
  const { volume, plan } = content
  const wording = wordingOf(content)
  const { labels } = wording
  const survey = await surveyOf(content, wording)
  const sheetNames = survey.titles.map((title, index) => actionSheetName(volume.first + index + 1, title))
  const isEmpty = content.actions.length === 0

  const workbook = createWorkbook(await templateIn(labels, volume.of > 1), content.accentColor)
  const footer = { planTitle: plan.title }
  const summary = workbook.open(SUMMARY, labels.sheetName, { footer, drawing: !isEmpty })
  const timeline = isEmpty ? null : workbook.open(TIMELINE, labels.timeline, { footer })
  const breakdown = isEmpty ? null : workbook.open(BREAKDOWN, labels.breakdown, { footer })
  const data = isEmpty ? null : workbook.open(DATA, labels.dataSheet, { footer })

  await writeSummary({ sheet: summary, content, survey, sheetNames, wording })
  await summary.close()
  if (breakdown !== null) await writeBreakdown(breakdown, content, survey, wording)
  await breakdown?.close()

  const bars = timeline === null ? null : await beginTimeline(timeline, content, survey, wording)
  const [dataHead] = data?.template.rows ?? []
  if (dataHead !== undefined) await data?.row(dataHead, {})
  let written = 0
  const details = content.details[Symbol.asyncIterator]()
  for await (const action of content.actions.slice(volume.first, volume.first + volume.count)) {
    const detail = await details.next()
    if (detail.done) break
    const sheetName = sheetNames[written] ?? ''
    written++
    const page = { position: volume.first + written, action, detail: detail.value }
    const sheet = workbook.open(ACTION, sheetName, { footer, tabColor: STATUS_COLORS[action.status] })
    await writeActionSheet(sheet, content, page, wording)
    await sheet.close()
    await bars?.add(action, page.position, sheetName)
    if (data !== null) await writeData(data, content, page, wording)
  }
  if (written !== volume.count)
    throw new Error(`${written} details for the ${volume.count} actions of the volume`)
  if (!(await details.next()).done)
    throw new Error(`more details than the ${volume.count} actions of the volume`)
  await bars?.close()
  if (data !== null) await closeData(data)

  return workbook.finish({ title: plan.title, author: content.exportedBy, createdAt: content.exportedAt })
}

function templateIn(labels: Labels, hasVolumes: boolean): Promise<Template> {
  return openTemplate({
    bytes,
    variant: `${labels.sheetName} ${hasVolumes}`,
    wordFor: (key) => labelOf(labels, key),
    dateLocale: labels.dateLocale,
    hidden: hasVolumes ? [] : VOLUME_COLUMN,
  })
}
