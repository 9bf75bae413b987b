/** Workbooks of other programs, and of chance: what was written is read back. */
import ExcelJS from 'exceljs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import XlsxPopulate from 'xlsx-populate'
import { createSharedStrings } from '../../src/exports/workbook/shared-strings.ts'
import { assembleZip, compressPart, createZip } from '../../src/exports/workbook/zip.ts'
import type { FileDraft } from '../../src/imports/drafts.ts'
import { readFile, WORKBOOK_TYPE } from '../../src/imports/reading.ts'
import type { Bounds } from '../../src/imports/workbook/refusal.ts'
import { FileRefused } from '../../src/imports/workbook/refusal.ts'
import { openWorkbook } from '../../src/imports/workbook/workbook-reader.ts'
import { XmlReader } from '../../src/imports/workbook/xml-reader.ts'
import { SaxesParser } from 'saxes'
import { workbookWith } from './hostile.ts'

const BOUNDS: Bounds = { inflated: 1e8, rows: 1000, cells: 10_000, characters: 1e7, advice: '' }
const STRICT = { isLenient: false }

const read = (bytes: Uint8Array): Promise<FileDraft> => readFile({ mediaType: WORKBOOK_TYPE, bytes }, STRICT)

/** The titles of plans with those of their actions. */
function titlesIn({ plans }: FileDraft) {
  return plans.map(({ fields, actions }) => [fields.title, ...actions.map((action) => action.fields.title)])
}

async function cellsOf(bytes: Uint8Array, sheet: string): Promise<string[][]> {
  const rows = await (await openWorkbook(bytes, BOUNDS)).read(sheet)
  return rows.map(({ cells }) => [...cells.values()].map(({ value }) => value))
}

/** What is used of a workbook of xlsx-populate here. */
interface Populated {
  sheet(index: number): { name(name: string): { cell(name: string): { value(value: unknown): void } } }
  outputAsync(type: 'uint8array'): Promise<Uint8Array>
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const STRICT_MAIN = 'http://purl.oclc.org/ooxml/spreadsheetml/main'
const STRICT_RELATIONS = 'http://purl.oclc.org/ooxml/officeDocument/relationships'

describe('a workbook is read that', () => {
  it('xlsx-populate has written', async () => {
    const workbook = await (
      XlsxPopulate as unknown as { fromBlankAsync(): Promise<Populated> }
    ).fromBlankAsync()
    workbook
      .sheet(0)
      .name('Acciones')
      .cell('B2')
      .value([
        ['Plan', 'Acción', 'Fecha límite'],
        ['Uno', 'Á & <b> "c"', new Date(2030, 5, 1)],
      ])
    const draft = await read(await workbook.outputAsync('uint8array'))
    expect(titlesIn(draft)).toEqual([['Uno', 'Á & <b> "c"']])
    expect(draft.plans[0]?.actions[0]?.fields.dueDate).toBe('2030-06-01')
  })

  it('has rich texts, reading aids, prefixes, and sheets before that of the actions', async () => {
    const strings = `<x:sst xmlns:x="${MAIN}"><x:si><x:r><x:t xml:space="preserve">Pl</x:t></x:r><x:r><x:rPr><x:b/></x:rPr><x:t>an</x:t></x:r><x:rPh sb="0" eb="1"><x:t>no</x:t></x:rPh></x:si><x:si><x:t>Action</x:t></x:si><x:si><x:t>a_x0042_c</x:t></x:si></x:sst>`
    const sheet = `<x:worksheet xmlns:x="${MAIN}"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c></x:row><x:row><x:c t="s"><x:v>2</x:v></x:c><x:c t="str"><x:v>A &amp; &#66;&#x43;</x:v></x:c></x:row></x:sheetData></x:worksheet>`
    const draft = await read(
      await workbookWith({ 'xl/sharedStrings.xml': strings, 'xl/worksheets/sheet1.xml': sheet }),
    )
    expect(titlesIn(draft)).toEqual([['aBc', 'A & BC']])
  })

  it('is of the strict kind, with its parts in other folders and dates from 1904', async () => {
    const rel = (id: string, type: string, target: string) =>
      `<Relationship Id="${id}" Type="${STRICT_RELATIONS}/${type}" Target="${target}"/>`
    const rels = (content: string) =>
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${content}</Relationships>`
    const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`
    const parts = {
      '_rels/.rels': rels(rel('a', 'officeDocument', '/book/main.xml')),
      'book/main.xml': `<?xml version="1.0"?><!-- a > b --><workbook xmlns="${STRICT_MAIN}" xmlns:rr="${STRICT_RELATIONS}"><workbookPr date1904="true"/><sheets><sheet name="Cover" sheetId="1" rr:id="b"/><sheet name="Mine" sheetId="2" rr:id="c"/></sheets></workbook>`,
      'book/_rels/main.xml.rels': rels(
        rel('b', 'worksheet', 's/1.xml') + rel('c', 'worksheet', './s/../s/2.xml'),
      ),
      'book/s/1.xml': `<worksheet xmlns="${STRICT_MAIN}"><sheetData><row><c><f>1+1</f><v>2</v></c></row></sheetData></worksheet>`,
      'book/s/2.xml': `<worksheet xmlns="${STRICT_MAIN}"><sheetData><row>${text('Plan')}${text('Action')}${text('Due')}</row><row>${text('P')}${text('A')}<c><v>46173</v></c></row></sheetData></worksheet>`,
    }
    const entries = await Promise.all(
      Object.entries(parts).map(([name, content]) => compressPart(name, content)),
    )
    const draft = await read(assembleZip(entries))
    expect(titlesIn(draft)).toEqual([['P', 'A']])
    expect(draft.plans[0]?.actions[0]?.fields.dueDate).toBe('2030-06-01')
  })

  it('has its columns in any order and language, and rows that are empty but for their format', async () => {
    const workbook = new ExcelJS.Workbook()
    workbook.addWorksheet('Notas').addRow(['Plan de viaje'])
    const sheet = workbook.addWorksheet('Datos')
    sheet.addRows([['Descripción', 'ACTION', ' plan '], [], ['d', 'A', 'P'], [null, 'B', 'P'], ['', ' ', '']])
    sheet.getRow(900).getCell(1).font = { bold: true }
    const draft = await read(new Uint8Array(await workbook.xlsx.writeBuffer()))
    expect([titlesIn(draft), draft.errors.listed()]).toEqual([[['P', 'A', 'B']], []])
  })
})

/** Texts as cells may hold them, among them what looks like an escape. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom('_x0041_', '_x005F_', ' a ', 'a\nb', '&amp;', '<a>', '=1+1', ']]>', '0', 'TRUE'),
  )
  // What XML cannot hold, exceljs does not write either.
  .map((value) => value.replace(/[^\P{Cc}\n]|[\ufffe\uffff]/gu, ''))
  .filter((value) => value !== '')

it('whatever exceljs writes is read back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(text, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 }),
      async (rows) => {
        const workbook = new ExcelJS.Workbook()
        // exceljs does not escape what looks like an escape.
        const written = rows.map((row) => row.map((value) => value.replaceAll('_x', '_y')))
        workbook.addWorksheet('S').addRows(written)
        expect(await cellsOf(new Uint8Array(await workbook.xlsx.writeBuffer()), 'S')).toEqual(written)
      },
    ),
    { numRuns: 60 },
  )
})

it('whatever our own writer writes is read back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (texts) => {
      const zip = createZip()
      const strings = createSharedStrings(zip.open('xl/sharedStrings.xml'))
      const cells = texts.map((each) => `<c t="s"><v>${strings.index(each)}</v></c>`)
      await strings.close()
      const sheets = '<sheets><sheet name="S" sheetId="1" r:id="a"/></sheets>'
      await zip.add('xl/workbook.xml', `<workbook xmlns="${MAIN}" xmlns:r="r">${sheets}</workbook>`)
      await zip.add(
        'xl/_rels/workbook.xml.rels',
        '<R><Relationship Id="a" Type="x/worksheet" Target="s.xml"/><Relationship Id="b" Type="x/sharedStrings" Target="sharedStrings.xml"/></R>',
      )
      await zip.add(
        'xl/s.xml',
        `<worksheet xmlns="${MAIN}"><sheetData><row>${cells.join('')}</row></sheetData></worksheet>`,
      )
      expect(await cellsOf(zip.finish(), 'S')).toEqual([texts])
    }),
    { numRuns: 60 },
  )
})

/** What a reader tells, with the pieces of a text joined. */
function eventsOf(xml: string, cuts: readonly number[]): string[] {
  const events: string[] = []
  const reader = new XmlReader({
    open: (name, attributes) => events.push(`<${name} ${JSON.stringify([...attributes])}`),
    close: (name) => events.push(`>${name}`),
    text: (piece) => {
      if (events.at(-1)?.startsWith('"')) events.push(`${events.pop() ?? ''}${piece}`)
      else events.push(`"${piece}`)
    },
  })
  const places = [...cuts].map((cut) => cut % (xml.length + 1)).sort((left, right) => left - right)
  for (const [index, place] of [...places, xml.length].entries())
    reader.write(xml.slice(places[index - 1] ?? 0, place))
  reader.end()
  return events
}

function eventsOfSaxes(xml: string): string[] {
  const events: string[] = []
  const parser = new SaxesParser()
  const say = (piece: string) => {
    if (piece === '') return
    if (events.at(-1)?.startsWith('"')) events.push(`${events.pop() ?? ''}${piece}`)
    else events.push(`"${piece}`)
  }
  parser.on('opentag', ({ name, attributes }) =>
    events.push(`<${name} ${JSON.stringify(Object.entries(attributes))}`),
  )
  parser.on('closetag', ({ name }) => events.push(`>${name}`))
  parser.on('text', say)
  parser.on('cdata', say)
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return events
}

const words = fc.string({
  unit: fc.constantFrom('a', ' ', '>', "'", 'é', '😀', '&lt;', '&#65;', '&amp;', '-', '?'),
  maxLength: 12,
})
const { document } = fc.letrec<{ document: string; content: string }>((tie) => ({
  document: fc
    .tuple(
      fc.constantFrom('a', 'b', 'c-d'),
      fc.dictionary(fc.constantFrom('x', 'y', 'z'), words, { maxKeys: 3 }),
      fc.array(tie('content'), { maxLength: 4 }),
    )
    .map(([name, attributes, content]) => {
      const list = Object.entries(attributes).map(([key, value]) => ` ${key} = "${value}"`)
      return content.length === 0
        ? `<${name}${list.join('')} />`
        : `<${name}${list.join('')}>${content.join('')}</${name} >`
    }),
  content: fc.oneof(
    { depthSize: 'small' },
    words,
    fc.constantFrom('<!-- < & - -->', '<?pi < ?>', '<![CDATA[ <a>&amp; ]] ]]>'),
    tie('document'),
  ),
}))

it('XML is read like saxes reads it, wherever its chunks end', () => {
  fc.assert(
    fc.property(document, fc.array(fc.nat(), { maxLength: 6 }), (xml, cuts) => {
      expect(eventsOf(xml, cuts)).toEqual(eventsOfSaxes(xml))
    }),
    { numRuns: 500 },
  )
})

it('a workbook with changed bytes is read or refused, and nothing else', async () => {
  const workbook = new ExcelJS.Workbook()
  workbook
    .addWorksheet('Actions')
    .addRows([
      ['Plan', 'Action', 'Due'],
      ...Array.from({ length: 20 }, (_, index) => ['P', `A${index}`, index]),
    ])
  const good = new Uint8Array(await workbook.xlsx.writeBuffer())
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 8 }),
      fc.nat(good.length),
      async (changes, end) => {
        const bytes = good.slice(0, end % 5 === 0 ? end : good.length)
        for (const [place, value] of changes) if (place < bytes.length) bytes[place] = value
        const result = await read(bytes).catch((error: unknown) => error)
        if (result instanceof Error) expect(result).toBeInstanceOf(FileRefused)
      },
    ),
    { numRuns: 300 },
  )
})
