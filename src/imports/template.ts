/**
 * Builds the workbook that people fill in to import plans and actions: the sheet of actions with lists to choose from, a
 * page that explains it, and the lists. Pure.
 */
import { SHEET_COLUMNS, type SheetColumn } from '../actions/sheet-columns.ts'
import type { Locale } from '../db/enums.ts'
import { labelsOf } from '../exports/workbook/labels.ts'
import { createSharedStrings, type SharedStrings } from '../exports/workbook/shared-strings.ts'
import { createZip } from '../exports/workbook/zip.ts'
import { listingParts, sheetPart, STYLE, stylesPart, textCell } from './template-parts.ts'
import { templateWords, type TemplateWords } from './template-words.ts'
import { cellName } from './workbook/sheet-reader.ts'

export interface TemplateContent {
  locale: Locale
  /** `#rrggbb` */
  accentColor: string
  /** Addresses of those who can be assigned. */
  people: readonly string[]
  /** Paths of the areas. */
  areas: readonly string[]
}

/** Rows that have lists to choose from. */
const LAST_ROW = 2001
const COLUMNS = Object.keys(SHEET_COLUMNS) as SheetColumn[]
const DATES: ReadonlySet<SheetColumn> = new Set(['dueDate', 'startedAt', 'finishedAt', 'createdAt'])
const WIDE: ReadonlySet<SheetColumn> = new Set(['plan', 'title', 'description', 'assigneeEmails', 'areas'])

/** A list to choose from: its values, the columns that have it, and whether they take several of them. */
interface List {
  name: string
  heading: string
  values: readonly string[]
  columns: readonly SheetColumn[]
  takesSeveral: boolean
}

function listsOf({ locale, people, areas }: TemplateContent, words: TemplateWords): List[] {
  const { statuses, visibilities, actionTypes, origins, focusTypes } = labelsOf(locale)
  const heading = (column: SheetColumn) => SHEET_COLUMNS[column][locale]
  const closed = (
    name: string,
    column: SheetColumn,
    labels: Readonly<Record<string, string>>,
    columns = [column],
  ): List => {
    // Of `Public: all company managers` the word before the colon is enough.
    const values = Object.values(labels).map((label) => label.split(':', 1)[0] ?? '')
    return { name, heading: heading(column), values, columns, takesSeveral: false }
  }
  return [
    closed('list_visibility', 'visibility', visibilities, ['planVisibility', 'visibility']),
    closed('list_type', 'actionType', actionTypes),
    closed('list_origin', 'origin', origins),
    closed('list_status', 'status', statuses),
    { ...closed('list_focus', 'focus', focusTypes), takesSeveral: true },
    {
      ...{ name: 'list_people', heading: words.people, values: people },
      ...{ columns: ['assigneeEmails', 'createdByEmail'], takesSeveral: true },
    },
    { name: 'list_areas', heading: heading('areas'), values: areas, columns: ['areas'], takesSeveral: true },
  ]
}

/** The template as a file. */
export async function buildTemplate(content: TemplateContent): Promise<Uint8Array> {
  const words = templateWords(content.locale)
  const lists = listsOf(content, words)
  const zip = createZip()
  const strings = createSharedStrings(zip.open('xl/sharedStrings.xml'))
  const sheets = [
    actionsSheet(content.locale, words, lists, strings),
    readMeSheet(content.locale, words, strings),
  ]
  for (const [index, sheet] of sheets.entries()) await zip.add(`xl/worksheets/sheet${index + 1}.xml`, sheet)
  await zip.add(`xl/worksheets/sheet3.xml`, listsSheet(lists, strings))
  await zip.add('xl/styles.xml', stylesPart(content.accentColor))
  await strings.close()
  const ranges = lists.map(({ name, values }, index) => {
    const column = cellName(index + 1, 1).replace(/\d+$/, '')
    return [name, `${words.lists}!$${column}$2:$${column}$${Math.max(values.length, 1) + 1}`] as const
  })
  const byName = [...ranges].sort(([left], [right]) => (left < right ? -1 : 1))
  for (const [name, part] of listingParts([words.actions, words.readMe, words.lists], byName))
    await zip.add(name, part)
  return zip.finish()
}

function actionsSheet(
  locale: Locale,
  words: TemplateWords,
  lists: readonly List[],
  strings: SharedStrings,
): string {
  const isRead = (column: SheetColumn) => words.columns[column] !== undefined
  const columns = COLUMNS.map((column, index) => {
    const style = DATES.has(column) ? STYLE.date : STYLE.plain
    const hidden = isRead(column) ? '' : ' hidden="1"'
    return `<col min="${index + 1}" max="${index + 1}" width="${WIDE.has(column) ? 32 : 18}" style="${style}" customWidth="1"${hidden}/>`
  })
  const header = COLUMNS.map((column, index) =>
    textCell(
      strings,
      index + 1,
      1,
      SHEET_COLUMNS[column][locale],
      isRead(column) ? STYLE.header : STYLE.quiet,
    ),
  )
  const example = COLUMNS.flatMap((column, index) => {
    const text = words.example[column]
    return text === undefined ? [] : [textCell(strings, index + 1, 2, text, STYLE.example)]
  })
  const last = cellName(COLUMNS.length, 1)
  return sheetPart(
    `<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData><row r="1">${header.join('')}</row><row r="2">${example.join('')}</row></sheetData><autoFilter ref="A1:${last}"/>${validations(lists)}`,
  )
}

/** Where several values stand in a cell, other text than one of the list is no error. */
function validations(lists: readonly List[]): string {
  const each = lists.flatMap(({ name, columns, takesSeveral }) =>
    columns.map((column) => {
      const place = COLUMNS.indexOf(column) + 1
      const range = `${cellName(place, 2)}:${cellName(place, LAST_ROW)}`
      return `<dataValidation type="list" allowBlank="1" showErrorMessage="${takesSeveral ? 0 : 1}" sqref="${range}"><formula1>${name}</formula1></dataValidation>`
    }),
  )
  return `<dataValidations count="${each.length}">${each.join('')}</dataValidations>`
}

function readMeSheet(locale: Locale, words: TemplateWords, strings: SharedStrings): string {
  const lines: [string, string, number][] = [
    [words.title, '', STYLE.title],
    ...words.rules.map((rule): [string, string, number] => ['', rule, STYLE.wrapped]),
    [words.column, words.meaning, STYLE.header],
    ...COLUMNS.map((column): [string, string, number] => [
      SHEET_COLUMNS[column][locale],
      words.columns[column] ?? words.notRead,
      STYLE.wrapped,
    ]),
  ]
  const rows = lines.map(([left, right, style], index) => {
    const cells = [left, right].map((text, place) =>
      text === '' ? '' : textCell(strings, place + 1, index + 1, text, style),
    )
    return `<row r="${index + 1}">${cells.join('')}</row>`
  })
  return sheetPart(
    `<cols><col min="1" max="1" width="28" customWidth="1"/><col min="2" max="2" width="100" customWidth="1"/></cols><sheetData>${rows.join('')}</sheetData>`,
  )
}

function listsSheet(lists: readonly List[], strings: SharedStrings): string {
  const longest = Math.max(...lists.map(({ values }) => values.length))
  const rows = Array.from({ length: longest + 1 }, (_, index) => {
    const cells = lists.map(({ heading, values }, place) => {
      const text = index === 0 ? heading : values[index - 1]
      if (text === undefined) return ''
      return textCell(strings, place + 1, index + 1, text, index === 0 ? STYLE.header : STYLE.plain)
    })
    return `<row r="${index + 1}">${cells.join('')}</row>`
  })
  return sheetPart(
    `<cols><col min="1" max="${lists.length}" width="30" customWidth="1"/></cols><sheetData>${rows.join('')}</sheetData>`,
  )
}
