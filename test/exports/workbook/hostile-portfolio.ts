/** Portfolios full of hostile strings, and what their workbooks must read as. */
import fc from 'fast-check'
import { buildPortfolio } from '../../../src/exports/workbook/portfolio/build.ts'
import type { PortfolioContent } from '../../../src/exports/workbook/portfolio/content.ts'
import { samplePortfolio } from '../../bench/sample-portfolio.ts'
import { expectedText, hostileText, instant, SETTING } from './hostile.ts'
import { readParts, readWithExceljs, textsOf } from './read-back.ts'

export const hostilePortfolio = fc.record({
  ...SETTING,
  company: hostileText,
  person: hostileText,
  area: hostileText,
  q: hostileText,
  plans: fc.array(hostileText, { maxLength: 3 }),
  actions: fc.array(
    fc.record({
      title: hostileText,
      text: hostileText,
      plan: fc.option(hostileText),
      name: hostileText,
      focusId: hostileText,
      overdue: fc.boolean(),
      at: fc.option(instant, { freq: 3 }),
    }),
    { maxLength: 4 },
  ),
})

type Hostile = typeof hostilePortfolio extends fc.Arbitrary<infer Portfolio> ? Portfolio : never

function contentOf(hostile: Hostile): PortfolioContent {
  const { locale, timeZone, company, person, area, q, plans, actions } = hostile
  const base = samplePortfolio(Math.max(actions.length, plans.length * 10), 8)
  return {
    ...base,
    ...{ locale, timeZone, companyName: company, exportedBy: person, filter: { q, area, assignee: person } },
    planCount: plans.length,
    async *plans() {
      let index = 0
      for await (const plan of base.plans()) {
        const title = plans[index++]
        if (title !== undefined) yield { ...plan, title, creatorName: person }
      }
    },
    areas: base.areas.slice(0, 5).map((each) => ({ ...each, name: area, path: `${area} / ${area}` })),
    actions: {
      length: actions.length,
      async *slice(start, end) {
        let index = start
        for await (const action of base.actions.slice(start, Math.min(end, actions.length))) {
          const { title, text, plan, name, focusId, overdue, at } = actions[index++] ?? {}
          const [own = '', person = ''] = [title, name]
          yield {
            ...action,
            ...{ title: own, description: text ?? '', planTitle: plan ?? null, overdue: overdue === true },
            ...{ creatorName: person, creatorEmail: person, status: 'IN_PROGRESS' },
            ...{ dueDate: at ?? null, startedAt: at ?? null, finishedAt: at ?? null },
            assignees: action.assignees.map((each) => ({ ...each, name: person, email: person })),
            focusItems: [{ focusType: 'SCORE', focusId: focusId ?? '' }],
          }
        }
      },
    },
    volume: { number: 1, of: 1, first: 0, count: actions.length },
  }
}

/** Builds the workbook and reads it back; throws an Error that says what is wrong with it. */
export async function checkPortfolio(hostile: Hostile): Promise<void> {
  const file = await buildPortfolio(contentOf(hostile))
  for (const [name, xml] of await readParts(file))
    if (/<f[ >]/.test(xml) && name.startsWith('xl/worksheets/')) throw new Error(`${name} holds a formula`)
  const workbook = await readWithExceljs(file)
  const [overview, plans, actions] = workbook.worksheets
  const rows = [plans?.rowCount, actions?.rowCount]
  if (rows[0] !== 1 + hostile.plans.length || rows[1] !== 1 + hostile.actions.length)
    throw new Error(`${rows.join(' and ')} rows`)
  const expect = (where: string, texts: readonly string[], text: string): void => {
    const expected = expectedText(text)
    if (expected !== '' && !texts.includes(expected))
      throw new Error(`${where}: ${JSON.stringify(text.slice(0, 200))} was not read back`)
  }
  const ofPlans = textsOf(plans)
  for (const title of hostile.plans) expect('plan', ofPlans, title)
  const ofActions = textsOf(actions)
  const urgent = textsOf(overview)
  for (const { title, text, plan, name, overdue } of hostile.actions) {
    for (const [where, value] of Object.entries({ title, text, plan: plan ?? '', name }))
      expect(where, ofActions, value)
    if (overdue) expect('what needs attention', urgent, title)
  }
}
