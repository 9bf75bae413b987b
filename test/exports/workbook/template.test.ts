import JSZip from 'jszip'
import { describe, expect, it } from 'vitest'
import template from '../../../src/exports/workbook/template.xlsx'
import { readParts, readWithExceljs } from './read-back.ts'
import { templateProblems } from './template-problems.ts'
import { elementsNamed, parseXml, type XmlElement } from './xml-tree.ts'

// What a designer may change freely is not tested; what the builder relies on is. See docs/template.md.

const bytes = new Uint8Array(template)

it('tells nothing of who made it', async () => {
  const parts = await readParts(bytes)
  expect(parts.get('docProps/core.xml')).not.toMatch(/lastModifiedBy>[^<]|<dc:creator>(?!Action Plans)[^<]/)
  for (const [name, xml] of parts) expect(xml, name).not.toMatch(/absPath|\\Users\\|\/home\/|file:\/\//)
})

it('has the sheets that the builder fills', async () => {
  const workbook = await readWithExceljs(bytes)
  expect(workbook.worksheets.map(({ name }) => name)).toEqual([
    ...['Summary', 'Timeline', 'Breakdown', 'Data', 'Action'],
  ])
})

it('has a colour for the tab of an action, and the accent nowhere but in the theme', async () => {
  const parts = await readParts(bytes)
  const accent = /<a:accent1><a:srgbClr val="(\w+)"/.exec(parts.get('xl/theme/theme1.xml') ?? '')?.[1] ?? ''
  expect(accent).toMatch(/^[0-9A-F]{6}$/)
  expect(parts.get('xl/styles.xml')).toContain('theme="4"')
  for (const [name, xml] of parts) if (!name.includes('theme')) expect(xml, name).not.toContain(accent)
  expect(parts.get('xl/worksheets/sheet5.xml')).toContain('<tabColor ')
})

it('keeps the contrast of any accent: white text on it, and its own text on white alone', async () => {
  const styles = parseXml((await readParts(bytes)).get('xl/styles.xml') ?? '')
  const listOf = (name: string) => [...elementsNamed(styles, name)][0]?.children ?? []
  const [fonts, fills] = [listOf('fonts'), listOf('fills')]
  const colorOf = (element: XmlElement | undefined, name: string) =>
    element === undefined ? undefined : [...elementsNamed(element, name)][0]?.attributes
  let accented = 0
  for (const { attributes } of listOf('cellXfs')) {
    const text = colorOf(fonts[Number(attributes.fontId)], 'color')
    const ground = colorOf(fills[Number(attributes.fillId)], 'fgColor')
    if (text?.theme === '4') expect(ground).toBeUndefined()
    if (ground?.theme === '4') expect(text?.rgb).toBe('FFFFFFFF')
    if (text?.theme === '4' || ground?.theme === '4') accented += 1
  }
  expect(accented).toBeGreaterThan(5)
})

it('has nothing that a workbook would lose', async () => {
  expect(await templateProblems(bytes, ['Action'])).toEqual([])
})

describe('what a workbook would lose is named with its cell', () => {
  const SHEET = 'xl/worksheets/sheet1.xml'
  const cell = (xml: string) => (sheet: string) =>
    sheet.replace(/(<row r="4"[^>]*>)/, (row) => `${row.replace('/>', '>')}${xml}`)
  const after = (element: string, xml: string) => (sheet: string) =>
    sheet.replace(element, `${element}${xml}`)
  const rule = (formula: string) =>
    `<conditionalFormatting sqref="J29"><cfRule type="expression" priority="99"><formula>${formula}</formula></cfRule></conditionalFormatting>`
  const link = (type: string) =>
    after(
      'package/2006/relationships">',
      `<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="x"/>`,
    )

  it.each([
    [SHEET, cell('<c r="C4"><f>1+1</f><v>2</v></c>'), 'Summary!C4: a formula, which the workbook would lose'],
    [
      SHEET,
      cell('<c r="C4" t="b"><v>1</v></c>'),
      'Summary!C4: a cell of type b, which the workbook would lose',
    ],
    [
      SHEET,
      cell('<c r="C4" t="inlineStr"><is><t>x</t></is></c>'),
      'Summary!C4: an inline string; save the file with Excel',
    ],
    [
      SHEET,
      after('</sheetData>', rule('LEN($K29)&gt;0')),
      'Summary!J29: a format that refers to $K29, which may move',
    ],
    [SHEET, after('</sheetData>', rule('A1="x"')), 'Summary!J29: a format that refers to A1, which may move'],
    [
      SHEET,
      after('<hyperlinks>', '<hyperlink ref="C2" r:id="rId9"/>'),
      'Summary!C2: a link out of the workbook',
    ],
    [
      SHEET,
      after('</sheetData>', '<autoFilter ref="B3:C4"/>'),
      'Summary!B3:C4: a filter of the sheet; an Excel table has its own',
    ],
    [
      SHEET,
      after('</headerFooter>', '<rowBreaks count="1"/>'),
      'Summary!A1: <rowBreaks>, which does not move with the rows',
    ],
    [
      SHEET,
      after('<mergeCell ref="B2:O2"/>', '<mergeCell ref="B25:B26"/>'),
      'Summary!B25:B26: merged rows, of which row 25 is a pattern',
    ],
    [
      'xl/worksheets/_rels/sheet1.xml.rels',
      link('comments'),
      'Summary!A1: a relationship to comments, which the workbook would lose',
    ],
    [
      'xl/sharedStrings.xml',
      (xml: string) => xml.replace('{{planTitle}}', '{{planTitle}} ({{visibility}})'),
      'Summary!B2: {{planTitle}} ({{visibility}}) is more than one token',
    ],
    [
      'xl/sharedStrings.xml',
      (xml: string) => xml.replace('<t>{{planTitle}}', '<r><t>{{plan</t></r><r><t>Title}}</t></r><t>'),
      'Summary!B2: a token in several formats; give the cell one',
    ],
    [
      'xl/tables/table1.xml',
      (xml: string) => xml.replace('{{label.status}}', 'Other'),
      "Summary!E24: the header is not the column's name Other",
    ],
    [
      'xl/workbook.xml',
      (xml: string) => xml.replace('Summary!$24:$24', 'OFFSET(Summary!$A$1,1,1)'),
      'name _xlnm.Print_Titles: OFFSET(Summary!$A$1,1,1) is no single range',
    ],
    ['xl/comments1.xml', () => '<comments/>', 'xl/comments1.xml: a part that the workbook would lose'],
  ] as const)('%#: $2', async (name, change, problem) => {
    const zip = await JSZip.loadAsync(bytes)
    const before = (await zip.file(name)?.async('string')) ?? ''
    zip.file(name, change(before), { createFolders: false })
    const problems = await templateProblems(await zip.generateAsync({ type: 'uint8array' }), ['Action'])
    expect(problems).toContain(problem)
  })
})

const ROW = 'number title type status completion assignees areas focus due started finished notes days volume'
const FIELDS = [
  ...['action', 'elsewhere', 'attention', 'attentionElsewhere'].flatMap((group) =>
    ROW.split(' ').map((column) => `${group}.${column}`),
  ),
  ...'planTitle planDescription completion overdueCount visibility planCreator planCreated'.split(' '),
  ...'exportedAt exportedBy contents.text noActions.text'.split(' '),
  ...'title description origin creator created updated kicker noNotes.text'.split(' '),
  ...'assignee.name assignee.status assignee.account note.when note.author'.split(' '),
  ...'bar.number bar.title bar.status bar.started bar.due area.name area.open person.name person.open'.split(
    ' ',
  ),
  ...'planId actionId actionCount assigneeId assignee assigneeStatus'.split(' ').map((key) => `data.${key}`),
]

it('has a place for each field that the workbook must show', async () => {
  const strings = (await readParts(bytes)).get('xl/sharedStrings.xml') ?? ''
  expect(FIELDS.filter((field) => !strings.includes(`{{${field}}}`))).toEqual([])
})
