import fc from 'fast-check'
import { buildWorkbook } from '../../../src/exports/workbook/build.ts'
import type { WorkbookContent } from '../../../src/exports/workbook/content.ts'
import { LONGEST_SHEET_NAME, LONGEST_TEXT } from './excel.ts'
import { NASTY } from './nasty.ts'
import { readParts, readWithExceljs, textsOf } from './read-back.ts'
import { detailsOf, sampleAction, sampleContent, sampleDetail } from './sample.ts'

const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units))
const escapes = fc
  .array(fc.constantFrom('_', 'x', 'X', '0', '4', '1', 'F', 'f', '_x', '_x0041_', '&', ';', '<', '\r'), {
    maxLength: 40,
  })
  .map((pieces) => pieces.join(''))

/** Strings that have broken some spreadsheet somewhere, and random ones. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 3, arbitrary: anyUnits },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 2, arbitrary: escapes },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...NASTY), anyUnits).map((pair) => pair.join('')) },
)

/** Instants from before Excel's calendar to after it. */
export const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }),
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
)

/** In which language and time zone a workbook is written. */
export const SETTING = {
  locale: fc.constantFrom('en' as const, 'es' as const),
  timeZone: fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia'),
}

/** One plan full of hostile strings. */
export const hostilePlan = fc.record({
  ...SETTING,
  planTitle: hostileText,
  description: hostileText,
  company: hostileText,
  person: hostileText,
  legacy: fc.boolean(),
  hiddenActions: fc.nat({ max: 3 }),
  at: instant,
  actions: fc.array(
    fc.record({
      title: hostileText,
      text: hostileText,
      name: hostileText,
      note: hostileText,
      area: hostileText,
    }),
    { maxLength: 3 },
  ),
})

/** What a plan's text must read as: XML's characters only, LF for line ends, cut at Excel's limit. No code of src. */
export function expectedText(text: string): string {
  let kept = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const lawful = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff)
    if (lawful || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000) kept += character
  }
  kept = kept.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  if (kept.length <= LONGEST_TEXT) return kept
  let cut = ''
  for (const character of kept.slice(0, LONGEST_TEXT)) {
    if (cut.length + character.length > LONGEST_TEXT - 1) break
    cut += character
  }
  return `${cut}…`
}

/** Builds the plan's workbook and reads it back; throws an Error that says what is wrong with it. */
export async function checkPlan(
  plan: typeof hostilePlan extends fc.Arbitrary<infer Plan> ? Plan : never,
): Promise<void> {
  const actions = plan.actions.map(({ title, name, area }, index) => ({
    ...sampleAction(index),
    title,
    hierarchies: [{ id: `${index}`, name: area }],
    focusItems: [{ focusType: 'SCORE' as const, focusId: area }],
    assignees: [
      { userId: 'b', name, active: true, status: 'COMPLETED' as const, startedAt: plan.at, finishedAt: null },
    ],
    dueDate: plan.at,
  }))
  const details = plan.actions.map(({ text, name, note }, index) => ({
    ...sampleDetail(index),
    description: text,
    creatorName: name,
    notes: [{ authorName: name, createdAt: plan.at, text: note }],
  }))
  const base = sampleContent(0)
  const content: WorkbookContent = {
    ...base,
    locale: plan.locale,
    timeZone: plan.timeZone,
    plan: {
      ...base.plan,
      title: plan.planTitle,
      description: plan.description,
      creatorName: plan.legacy ? null : plan.person,
      createdAt: plan.at,
    },
    companyName: plan.company,
    exportedBy: plan.person,
    hasHiddenActions: plan.hiddenActions > 0,
    actions,
    volume: { number: 1, of: 1, first: 0, count: actions.length, starts: [0] },
    details: detailsOf(details),
  }
  const file = await buildWorkbook(content)
  for (const [name, xml] of await readParts(file))
    if (/<f[ >]/.test(xml) && name.startsWith('xl/worksheets/')) throw new Error(`${name} holds a formula`)

  const workbook = await readWithExceljs(file)
  const names = workbook.worksheets.map(({ name }) => name)
  if (names.some((name) => name.length > LONGEST_SHEET_NAME))
    throw new Error('a name that strict readers refuse')
  checkNames(names.map(asExcelReads))
  const [summary] = workbook.worksheets
  const sheets = workbook.worksheets.filter(({ name }) => /^\d+\./.test(name))
  if (sheets.length !== actions.length)
    throw new Error(`${names.length} sheets for ${actions.length} actions`)
  const shown = textsOf(summary)
  const expect = (where: string, texts: readonly string[], text: string): void => {
    const expected = expectedText(text)
    if (expected !== '' && !texts.includes(expected))
      throw new Error(`${where}: ${JSON.stringify(text.slice(0, 200))} was not read back`)
  }
  expect('plan title', shown, plan.planTitle)
  expect('plan description', shown, plan.description)
  expect('exported by', shown, plan.person)
  for (const [index, { title, text, name, note, area }] of plan.actions.entries()) {
    expect(`title ${index}`, shown, title)
    expect(`assignee ${index}`, shown, name)
    const texts = textsOf(sheets[index])
    for (const [where, value] of Object.entries({ title, text, name, note, area, plan: plan.planTitle }))
      expect(`${where} on sheet ${index + 1}`, texts, value)
  }
}

/** A name as Excel reads it: exceljs leaves escapes in names as they are. */
function asExcelReads(name: string): string {
  return name.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
}

/** Excel's rules for the names of sheets. */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    const folded = name.toLowerCase()
    if (name === '' || name.length > LONGEST_SHEET_NAME)
      throw new Error(`length of sheet name ${JSON.stringify(name)}`)
    if (/[[\]:*?/\\\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed())
      throw new Error(`unlawful character in sheet name ${JSON.stringify(name)}`)
    if (name.startsWith("'") || name.endsWith("'"))
      throw new Error(`apostrophe at an end of ${JSON.stringify(name)}`)
    if (folded === 'history' || seen.has(folded)) throw new Error(`taken sheet name ${JSON.stringify(name)}`)
    seen.add(folded)
  }
}
