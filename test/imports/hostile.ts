/** Files that are made to hurt: each is a workbook in name, and must be refused with little work. */
import { assembleZip, compressPart, createZip } from '../../src/exports/workbook/zip.ts'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MIB = 1024 * 1024

const RELS = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`
const WORKBOOK = `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="Actions" sheetId="1" r:id="rId1"/></sheets></workbook>`
const WORKBOOK_RELS = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`

const cell = (name: string, text: string) => `<c r="${name}" t="inlineStr"><is><t>${text}</t></is></c>`
const HEADER = `<row r="1">${cell('A1', 'Plan')}${cell('B1', 'Action')}</row>`
const ROW = `<row r="2">${cell('A2', 'P')}${cell('B2', 'A')}</row>`

/** Pieces of a part; a generator, so that a hundred megabytes are never in memory. */
type Pieces = string | Iterable<string>

function sheetOf(content: Pieces, head = ''): Iterable<string> {
  return (function* () {
    yield `${head}<worksheet xmlns="${MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>${HEADER}${ROW}`
    yield* typeof content === 'string' ? [content] : content
    yield '</sheetData></worksheet>'
  })()
}

function* times(count: number, piece: string | ((index: number) => string)): Iterable<string> {
  for (let index = 0; index < count; index += 1) yield typeof piece === 'string' ? piece : piece(index)
}

/** A workbook that imports, but for the parts that are given. */
export async function workbookWith(parts: Readonly<Record<string, Pieces>> = {}): Promise<Uint8Array> {
  const zip = createZip()
  const all: Record<string, Pieces> = {
    '_rels/.rels': RELS,
    'xl/workbook.xml': WORKBOOK,
    'xl/_rels/workbook.xml.rels': WORKBOOK_RELS,
    'xl/worksheets/sheet1.xml': sheetOf(''),
    ...parts,
  }
  for (const [name, content] of Object.entries(all)) {
    const part = zip.open(name)
    for (const piece of typeof content === 'string' ? [content] : content) await part.write(piece)
    await part.close()
  }
  return zip.finish()
}

const sheet = (content: Pieces, head = '') =>
  workbookWith({ 'xl/worksheets/sheet1.xml': sheetOf(content, head) })
const strings = (content: Pieces, rows: Pieces = `<row r="3"><c r="A3" t="s"><v>7</v></c></row>`) =>
  workbookWith({
    'xl/worksheets/sheet1.xml': sheetOf(rows),
    'xl/sharedStrings.xml': (function* () {
      yield `<sst xmlns="${MAIN}">`
      yield* typeof content === 'string' ? [content] : content
      yield '</sst>'
    })(),
  })

/** The bytes with some of them changed, found by a signature in the file. */
async function patched(signature: number, offset: number, value: number, size: 2 | 4): Promise<Uint8Array> {
  const file = await workbookWith()
  const view = new DataView(file.buffer)
  for (let at = 0; at < file.length - 4; at += 1) {
    if (view.getUint32(at, true) !== signature) continue
    if (size === 2) view.setUint16(at + offset, value, true)
    else view.setUint32(at + offset, value, true)
  }
  return file
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const MEGABYTE = ' '.repeat(MIB)
const LAUGHS = `<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index === 0 ? '' : index};`.repeat(10)}">`).join('')}]>`

/** Each with what its refusal says. */
export const HOSTILE: [string, () => Promise<Uint8Array>, RegExp][] = [
  ['no bytes at all', async () => new Uint8Array(), /not a zip file/],
  ['text', async () => new TextEncoder().encode('Plan;Action\nP;A'), /not a zip file/],
  ['half a file', async () => (await workbookWith()).slice(0, 600), /not a zip file/],
  ['another kind of zip file', async () => assembleZip([await compressPart('a.txt', 'x')]), /no workbook/],
  [
    'a zip file inside a zip file',
    async () => assembleZip([await compressPart('a.xlsx', await workbookWith())]),
    /no workbook/,
  ],
  ['a bomb of 300 MB', () => sheet(times(300, MEGABYTE)), /inflates to more/],
  ['100 MB of spaces between rows', () => sheet(times(100, MEGABYTE)), /inflates to more/],
  [
    '100 MB of spaces in a cell',
    () =>
      sheet(
        (function* () {
          yield '<row r="3"><c r="A3" t="inlineStr"><is><t>'
          yield* times(100, MEGABYTE)
          yield '</t></is></c></row>'
        })(),
      ),
    /more text/,
  ],
  [
    '100 MB of spaces in a shared string',
    () =>
      strings(
        (function* () {
          yield* times(7, '<si><t>x</t></si>')
          yield '<si><t>'
          yield* times(100, MEGABYTE)
          yield '</t></si>'
        })(),
      ),
    /more text/,
  ],
  [
    '100 MB of spaces in a tag',
    () =>
      sheet(
        (function* () {
          yield '<row '
          yield* times(100, MEGABYTE)
          yield '/>'
        })(),
      ),
    /tag that is too long/,
  ],
  [
    'an attribute of 10 MB',
    () =>
      sheet(
        (function* () {
          yield '<row r="'
          yield* times(10, MEGABYTE)
          yield '"/>'
        })(),
      ),
    /tag that is too long/,
  ],
  [
    '100 MB of a comment',
    () =>
      sheet(
        (function* () {
          yield '<!--'
          yield* times(100, MEGABYTE)
          yield '-->'
        })(),
      ),
    /inflates to more/,
  ],
  ['1,048,576 rows', () => sheet(times(1_048_575, (index) => `<row r="${index + 2}"/>`)), /more rows/],
  ['1,048,576 rows without numbers', () => sheet(times(1_048_575, '<row/>')), /more rows/],
  [
    'a million cells in a row',
    () =>
      sheet(
        (function* () {
          yield '<row r="3">'
          yield* times(1_000_000, '<c r="A3"><v>1</v></c>')
          yield '</row>'
        })(),
      ),
    /more cells with a value than an import may have \(120,000\)\. There can be at most 2,000 actions .*several files/,
  ],
  [
    '3,000 actions',
    () =>
      sheet(
        times(
          3000,
          (index) =>
            `<row><c t="inlineStr"><is><t>P</t></is></c><c t="inlineStr"><is><t>A${index}</t></is></c></row>`,
        ),
      ),
    /at most 2,000 actions/,
  ],
  [
    'a long text shown by every row',
    () =>
      strings(
        `<si><t>${'x'.repeat(30_000)}</t></si>`,
        times(1500, (index) => `<row r="${index + 3}"><c r="A${index + 3}" t="s"><v>0</v></c></row>`),
      ),
    /more text/,
  ],
  ['a formula', () => sheet('<row r="3"><c r="A3"><f>1+1</f><v>2</v></c></row>'), /A3 .* has a formula/],
  [
    'a billion laughs',
    () => sheet('<row r="3"><c r="A3" t="inlineStr"><is><t>&lol9;</t></is></c></row>', LAUGHS),
    /document type/,
  ],
  [
    'an external entity',
    () => sheet('', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    /document type/,
  ],
  [
    'a document type in the list of sheets',
    () => workbookWith({ 'xl/workbook.xml': `<!DOCTYPE x SYSTEM "http://x.test/">${WORKBOOK}` }),
    /document type/,
  ],
  [
    'an entity that XML does not know',
    () => sheet('<row r="3"><c r="A3" t="inlineStr"><is><t>&nbsp;</t></is></c></row>'),
    /entity/,
  ],
  [
    'a reference to no character',
    () => sheet('<row r="3"><c r="A3" t="inlineStr"><is><t>&#1114112;</t></is></c></row>'),
    /broken reference/,
  ],
  ['elements 100,000 deep', () => sheet(times(100_000, '<row>')), /too deep/],
  ['tags that do not match', () => sheet('<row r="3"></c>'), /do not match/],
  [
    'a tag that never ends',
    () => workbookWith({ 'xl/worksheets/sheet1.xml': '<worksheet><sheetData' }),
    /no end/,
  ],
  [
    'a cell beyond the last column',
    () => sheet('<row r="3"><c r="XFE3"><v>1</v></c></row>'),
    /without a place/,
  ],
  ['a cell in another row', () => sheet('<row r="3"><c r="A4"><v>1</v></c></row>'), /without a place/],
  [
    'a cell with a column of a hundred letters',
    () => sheet(`<row r="3"><c r="${'A'.repeat(100)}3"><v>1</v></c></row>`),
    /without a place/,
  ],
  ['a row beyond the last', () => sheet('<row r="1048577"/>'), /without a place/],
  ['a row that is no number', () => sheet('<row r="NaN"/>'), /without a place/],
  ['a cell of an unknown type', () => sheet('<row r="3"><c r="A3" t="x"><v>1</v></c></row>'), /unknown type/],
  ['a shared string that is not there', () => strings('<si><t>x</t></si>'), /text that is not there/],
  [
    'no sheet of actions',
    () => workbookWith({ 'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}"><sheetData/></worksheet>` }),
    /No sheet has the columns/,
  ],
  [
    'a sheet that is not there',
    () => workbookWith({ 'xl/_rels/workbook.xml.rels': WORKBOOK_RELS.replace('sheet1', 'sheet9') }),
    /not there/,
  ],
  [
    'a sheet outside the file',
    () =>
      workbookWith({
        'xl/_rels/workbook.xml.rels': WORKBOOK_RELS.replace('worksheets/sheet1.xml', '../../../etc/passwd'),
      }),
    /not there/,
  ],
  [
    '10,000 sheets',
    () =>
      workbookWith({
        'xl/workbook.xml': (function* () {
          yield `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>`
          yield* times(10_000, (index) => `<sheet name="S${index}" sheetId="${index}" r:id="rId1"/>`)
          yield '</sheets></workbook>'
        })(),
      }),
    /too many sheets/,
  ],
  [
    'a part that is no UTF-8',
    async () =>
      assembleZip([
        ...(await Promise.all(
          [
            ['_rels/.rels', RELS],
            ['xl/_rels/workbook.xml.rels', WORKBOOK_RELS],
          ].map(([name = '', text = '']) => compressPart(name, text)),
        )),
        await compressPart('xl/workbook.xml', new Uint8Array([0x3c, 0xff, 0xfe, 0x3e])),
      ]),
    /not UTF-8/,
  ],
  [
    '20,000 parts',
    async () =>
      assembleZip(
        Array.from({ length: 20_000 }, (_, index) => ({
          name: new TextEncoder().encode(`p${index}`),
          compressed: new Uint8Array(),
          crc32: 0,
          size: 0,
        })),
      ),
    /too many parts/,
  ],
  [
    'a part twice',
    async () =>
      assembleZip([await compressPart('_rels/.rels', RELS), await compressPart('_RELS/.rels', RELS)]),
    /names a part twice/,
  ],
  ['encrypted parts', () => patched(CENTRAL, 8, 1, 2), /encrypted/],
  ['an unusual compression', () => patched(CENTRAL, 10, 12, 2), /unusual way/],
  ['a directory that says less than there is', () => patched(CENTRAL, 24, 10, 4), /another size/],
  ['a directory that says more than there is', () => patched(CENTRAL, 24, 0x7fffffff, 4), /another size/],
  ['a directory that leads nowhere', () => patched(CENTRAL, 42, 0x7fffffff, 4), /not there/],
  ['a directory that leads into another part', () => patched(CENTRAL, 42, 7, 4), /not there/],
  ['a part beyond the end', () => patched(CENTRAL, 20, 0x7fffffff, 4), /not whole/],
  ['a part that begins beyond the end', () => patched(LOCAL, 28, 0xffff, 2), /not whole/],
  ['a broken directory', () => patched(END, 16, 3, 4), /broken directory/],
  ['numbers of zip64', () => patched(END, 16, 0xffffffff, 4), /zip64/],
  ['several disks', () => patched(END, 4, 1, 2), /several disks/],
  [
    'compressed bytes that are none',
    async () => {
      const file = await workbookWith()
      return file.map((byte, at) => (at >= 44 && at < 80 ? byte ^ 0xff : byte))
    },
    /inflated|another size|no workbook|UTF-8|tag|not there/,
  ],
]
