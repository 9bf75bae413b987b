import { buildWorkbook } from '../../src/exports/workbook/build.ts'
import type { WorkbookContent } from '../../src/exports/workbook/content.ts'
import { buildPortfolio } from '../../src/exports/workbook/portfolio/build.ts'
import type { PortfolioContent } from '../../src/exports/workbook/portfolio/content.ts'
import { NASTY } from '../exports/workbook/nasty.ts'
import { detailsOf, sampleAction, sampleContent, sampleDetail } from '../exports/workbook/sample.ts'
import { plausiblePortfolio, samplePortfolio } from './sample-portfolio.ts'

const SAMPLES: Record<string, () => WorkbookContent> = {
  en: () => sampleContent(12, { hasHiddenActions: true }),
  es: () => sampleContent(12, { locale: 'es' }),
  empty: () => sampleContent(0),
  one: () => sampleContent(1, { accentColor: '#7a2048' }),
  long: () => longContent(),
  hostile: () => hostileContent(),
  volume: () => sampleContent(10, { volume: { number: 2, of: 3, first: 4, count: 4, starts: [0, 4, 8] } }),
  large: () => sampleContent(600, { volume: { number: 1, of: 2, first: 0, count: 500, starts: [0, 500] } }),
}

const PORTFOLIOS: Record<string, () => PortfolioContent> = {
  portfolio: () => plausiblePortfolio(140),
  'portfolio-one': () => plausiblePortfolio(1),
  'portfolio-es': () => ({ ...samplePortfolio(12, 200), locale: 'es', accentColor: '#7a2048' }),
  'portfolio-empty': () => samplePortfolio(0, 8),
  'portfolio-hostile': () => hostilePortfolio(),
}

/** What scripts/write-sample-workbooks.ts runs inside workerd: `GET /es` answers a workbook. */
export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1)
    const [sample, portfolio] = [SAMPLES[name], PORTFOLIOS[name]]
    if (sample) return new Response(await buildWorkbook(sample()))
    if (portfolio) return new Response(await buildPortfolio(portfolio()))
    return new Response('not found', { status: 404 })
  },
} satisfies ExportedHandler

/** Texts as long as they may be. */
function longContent(): WorkbookContent {
  const words = 'Exit interviews: share the findings of each quarter with all team leads. '
  const text = (length: number) =>
    words
      .repeat(Math.ceil(length / words.length))
      .slice(0, length)
      .trim()
  const base = sampleContent(3)
  const actions = base.actions.map((action, index) => ({
    ...action,
    title: index === 1 ? 'W'.repeat(200) : text(200),
    hierarchies: Array.from({ length: 50 }, (_, nth) => ({
      id: `${index} ${nth}`,
      name: `Area ${text(30)} ${nth}`,
    })),
    assignees: action.assignees.map((each) => ({ ...each, name: text(120) })),
  }))
  const details = actions.map((_, index) => ({
    ...sampleDetail(index),
    description: text(5_000),
    notes: [text(5_000), 'Line\n'.repeat(999), text(300)].map((note, nth) => ({
      authorName: text(nth === 0 ? 20 : 120),
      createdAt: base.exportedAt,
      text: note,
    })),
  }))
  const plan = { ...base.plan, title: text(200), description: text(5_000) }
  return { ...base, plan, actions, details: detailsOf(details) }
}

// LibreOffice prints longer texts for minutes; the fuzz tests cover them.
const PRINTABLE = 1_000

/** Every nasty string as title, description, name and note. */
function hostileContent(): WorkbookContent {
  const texts = NASTY.filter((text) => text.length <= PRINTABLE)
  const actions = texts.map((text, index) => {
    const { assignees, ...action } = sampleAction(index)
    return {
      ...action,
      title: text,
      hierarchies: [{ id: String(index), name: text }],
      assignees: assignees.map((each) => ({ ...each, name: text })),
    }
  })
  const details = texts.map((text, index) => {
    const { notes, ...detail } = sampleDetail(index, 2)
    return {
      ...detail,
      description: text,
      creatorName: text,
      notes: notes.map((note) => ({ ...note, text })),
    }
  })
  return {
    ...sampleContent(0),
    actions,
    volume: { number: 1, of: 1, first: 0, count: actions.length, starts: [0] },
    details: detailsOf(details),
  }
}

/** Every nasty string as title, description and name. */
function hostilePortfolio(): PortfolioContent {
  const texts = NASTY.filter((text) => text.length <= PRINTABLE)
  const base = samplePortfolio(texts.length, 8)
  const textAt = (index: number) => texts[index] ?? ''
  return {
    ...base,
    areas: base.areas.map((area, index) => {
      const name = textAt(index % texts.length)
      return { ...area, name, path: `Acme / ${name}` }
    }),
    async *plans() {
      let index = 0
      for await (const plan of base.plans()) yield { ...plan, title: textAt((index += 1)) }
    },
    actions: {
      length: texts.length,
      async *slice(start, end) {
        let index = start
        for await (const action of base.actions.slice(start, end)) {
          const text = textAt(index)
          const assignees = action.assignees.map((each) => ({ ...each, name: text }))
          yield { ...action, title: text, description: text, planTitle: text, creatorName: text, assignees }
          index += 1
        }
      },
    },
  }
}
