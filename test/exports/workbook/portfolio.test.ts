/** The workbook of the portfolio: its words, rows and print set-up. What it holds is tested in ../portfolio.test.ts. */
import { expect, it } from 'vitest'
import { buildPortfolio } from '../../../src/exports/workbook/portfolio/build.ts'
import type { PortfolioContent } from '../../../src/exports/workbook/portfolio/content.ts'
import template from '../../../src/exports/workbook/portfolio/template.xlsx'
import { samplePortfolio } from '../../bench/sample-portfolio.ts'
import { readWithExceljs, textsOf } from './read-back.ts'
import { templateProblems } from './template-problems.ts'

async function read(content: PortfolioContent) {
  const workbook = await readWithExceljs(await buildPortfolio(content))
  const [overview] = workbook.worksheets
  return { workbook, overview }
}

it('has a template with nothing that a workbook would lose', async () => {
  expect(await templateProblems(new Uint8Array(template), [])).toEqual([])
})

it.each([
  ['en', 0, '0 plans and 0 actions'],
  ['en', 1, '1 plan and 1 action:'],
  ['en', 12, '2 plans and 12 actions:'],
  ['es', 1, '1 plan y 1 acción:'],
  ['es', 12, '2 planes y 12 acciones:'],
] as const)('counts in %s: %i actions', async (locale, size, text) => {
  const { overview } = await read({ ...samplePortfolio(size, 8), locale })
  expect(textsOf(overview).some((each) => each.startsWith(text))).toBe(true)
})

it('prints the company, page numbers and the headers of its tables on each page, within the margins', async () => {
  const { workbook } = await read({ ...samplePortfolio(3, 8), companyName: `7 & sons ${'x'.repeat(200)}` })
  for (const { headerFooter, pageSetup } of workbook.worksheets) {
    expect(headerFooter.oddFooter).toBe(
      '&L&"Arial"&8 7 && sons …&R&"Arial"&8 &P / &N'.replace('…', `${'x'.repeat(35)}…`),
    )
    expect(headerFooter.oddFooter?.length).toBeLessThanOrEqual(255)
    expect(pageSetup.margins?.footer).toBeLessThan(pageSetup.margins?.bottom ?? 0)
    expect(pageSetup.margins?.footer).toBe(0.3)
  }
  const [, plans, actions] = workbook.worksheets.map(({ pageSetup }) => pageSetup)
  expect([plans?.printTitlesRow, plans?.fitToWidth]).toEqual(['1:1', 1])
  expect([actions?.printTitlesRow, actions?.fitToWidth]).toEqual(['1:1', 4])
})

it('lets a row of what needs attention grow with its title', async () => {
  const base = samplePortfolio(2, 8)
  const heightOf = async (title: string) => {
    const { overview } = await read({
      ...base,
      actions: {
        length: 2,
        async *slice(start, end) {
          for await (const action of base.actions.slice(start, end))
            yield { ...action, title, overdue: true, status: 'IN_PROGRESS' }
        },
      },
    })
    let height = 0
    overview?.eachRow((row) => {
      if (row.getCell(2).value === title) height = row.height
    })
    return height
  }
  const short = await heightOf('Short')
  expect(await heightOf('W'.repeat(200))).toBeGreaterThan(5 * short)
})
