/**
 * Writes a workbook from a template: any number of sheets, row by row and several at once, each compressed while it is
 * written, so that memory holds a few rows of each. Sheets keep the drawings, tables and formats of the template.
 */
import type { RowValues } from './cell-value.ts'
import { fillChart } from './chart.ts'
import { sheetReference } from './names.ts'
import {
  appPropertiesPart,
  contentTypesPart,
  corePropertiesPart,
  type ListedSheet,
  type Properties,
  sheetRelationships,
  workbookPart,
  workbookRelationships,
} from './package-parts.ts'
import { createSharedStrings } from './shared-strings.ts'
import type { TemplateRow, TemplateSheet } from './sheet-template.ts'
import { createSheetWriter, type RowOptions } from './sheet-writer.ts'
import { fillTable, TABLE_TYPE, tableBody, tablePart, tableRange } from './table.ts'
import { relationshipsPart, sheetPart, type Template, THEME } from './template.ts'
import { footerText } from './text.ts'
import { colourTheme } from './theme.ts'
import { createZip } from './zip.ts'

const WORKSHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'
const DRAWING = /<drawing r:id="([^"]*)"\/>/
/** Rows are handed on once they are longer than this, so that a sheet is never in memory as a whole. */
const PIECE_CHARACTERS = 32_768

/** A sheet that is being written, top to bottom. */
export interface OpenSheet {
  readonly template: TemplateSheet
  /** Writes a new row with `row` as its pattern. */
  row(row: TemplateRow, values: RowValues, options?: RowOptions): Promise<void>
  /** Says that no (further) row follows the pattern `row`. Every row of the template is written or skipped. */
  skip(row: TemplateRow): void
  close(): Promise<void>
}

export interface SheetOptions {
  /** Colour of the tab in place of the template's, `#rrggbb`. */
  tabColor?: string
  /** Texts for the tokens in headers and footers. */
  footer?: Readonly<Record<string, string>>
  /** False leaves out the sheet's drawing, for example a chart without anything to show. */
  drawing?: boolean
}

export interface WorkbookWriter {
  /** Begins the next sheet of the workbook, made from a sheet of the template. */
  open(templateName: string, name: string, options?: SheetOptions): OpenSheet
  /** The .xlsx file. Every sheet must be closed before. */
  finish(properties: Properties): Promise<Uint8Array>
}

/**
 * Begins a workbook.
 * @param accent the colour that takes the place of the theme's Accent 1, `#rrggbb`
 */
export function createWorkbook(template: Template, accent: string): WorkbookWriter {
  const zip = createZip()
  const strings = createSharedStrings(zip.open('xl/sharedStrings.xml'))
  const sheets: (ListedSheet & ReturnType<typeof createSheetWriter>)[] = []
  const drawn = new Set<string>()
  let tables = 0

  const locate = (location: string): string | null => {
    const [, name = '', cell = ''] = /^'?(.*?)'?!(.*)$/.exec(location) ?? []
    const target = sheets.find(({ templateName }) => templateName === name)
    return target === undefined ? null : `${sheetReference(target.name)}!${cell}`
  }

  return {
    open(templateName, name, options = {}) {
      const sheet = template.sheets.get(templateName)
      if (sheet === undefined) throw new Error(`the template lacks its sheet ${templateName}`)
      const part = sheetPart(sheets.length)
      const place = [...template.sheets.keys()].indexOf(templateName)
      const writer = createSheetWriter(sheet, strings)
      sheets.push({ ...writer, name, part, place, templateName })
      const out = zip.open(part)
      let pending = headOf(writer.head(), options)
      const flush = async (): Promise<void> => {
        const xml = pending
        pending = ''
        await out.write(xml)
        await strings.flush()
      }
      return {
        template: sheet,
        async row(row, values, rowOptions) {
          pending += writer.row(row, values, rowOptions)
          if (pending.length > PIECE_CHARACTERS) await flush()
        },
        skip: writer.skip,
        async close() {
          let tail = footed(writer.tail(locate), options.footer ?? {})
          const kept = []
          for (const relationship of sheet.relationships) {
            const { id, type, target } = relationship
            const table = sheet.tables.get(id)
            if (table !== undefined) {
              if (!writer.isWritten(tableBody(tableRange(table)))) continue
              tables += 1
              kept.push({ id, type, target: tablePart(tables) })
              await zip.add(tablePart(tables), fillTable(table, tables, writer.moved))
            } else if (id !== DRAWING.exec(tail)?.[1] || options.drawing !== false) {
              kept.push(relationship)
              drawn.add(target)
            }
          }
          if (options.drawing === false) tail = tail.replace(DRAWING, '')
          pending += withTables(
            tail,
            kept.filter(({ id }) => sheet.tables.has(id)).map(({ id }) => id),
          )
          await flush()
          await out.close()
          if (kept.length > 0) await zip.add(relationshipsPart(part), sheetRelationships(kept))
        },
      }
    },
    async finish(properties) {
      await strings.close()
      const charts = new Set<string>()
      for (const [drawing, related] of template.drawings)
        if (drawn.has(drawing)) for (const { target } of related) charts.add(target)
      const lacks = (part: string): boolean =>
        /^xl\/(?:worksheets|tables)\//.test(part) ||
        (part.startsWith('xl/drawings/') && !drawn.has(part.replace(/_rels\/(.*)\.rels$/, '$1'))) ||
        (template.charts.has(part) && !charts.has(part))
      const added = [
        ...sheets.map(({ part }) => ({ part, type: WORKSHEET_TYPE })),
        ...Array.from({ length: tables }, (_, index) => ({ part: tablePart(index + 1), type: TABLE_TYPE })),
      ]
      await zip.add('[Content_Types].xml', contentTypesPart(template.contentTypesXml, lacks, added))
      await zip.add('xl/workbook.xml', workbookPart(template.workbookXml, sheets))
      await zip.add('xl/_rels/workbook.xml.rels', workbookRelationships(template.relationshipsXml, sheets))
      await zip.add('docProps/core.xml', corePropertiesPart(properties))
      await zip.add('docProps/app.xml', appPropertiesPart())
      await zip.add(THEME, colourTheme(template.themeXml, accent))
      for (const [name, xml] of template.charts)
        if (charts.has(name))
          await zip.add(
            name,
            fillChart(xml, (sheetName, range) => {
              const sheet = sheets.find(({ templateName }) => templateName === sheetName)
              return sheet === undefined
                ? null
                : {
                    reference: `${sheetReference(sheet.name)}!${absolute(sheet.moved(range))}`,
                    values: sheet.charted(range),
                  }
            }),
          )
      for (const [name, part] of template.otherParts) if (!lacks(name)) zip.copy(part)
      return zip.finish()
    },
  }
}

/** `B14:O26` as `$B$14:$O$26`. */
function absolute(range: string): string {
  return range.replace(/([A-Z]+)(\d+)/g, '$$$1$$$2')
}

function headOf(head: string, { tabColor }: SheetOptions): string {
  return tabColor === undefined
    ? head
    : head.replace(/<tabColor [^>]*\/>/, `<tabColor rgb="FF${tabColor.replace('#', '').toUpperCase()}"/>`)
}

/** Fills the tokens that stand in headers and footers. */
function footed(tail: string, texts: Readonly<Record<string, string>>): string {
  return tail.replace(/\{\{(\w+)\}\}/g, (_, token: string) => footerText(texts[token] ?? ''))
}

/** Lists the tables of a sheet that has these relationships to tables left. */
function withTables(tail: string, ids: readonly string[]): string {
  const listed = ids.map((id) => `<tablePart r:id="${id}"/>`).join('')
  return tail.replace(/<tableParts[ >].*?<\/tableParts>/s, () =>
    ids.length > 0 ? `<tableParts count="${ids.length}">${listed}</tableParts>` : '',
  )
}
