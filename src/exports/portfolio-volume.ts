/** Makes one volume of an export of the portfolio from its frozen copy. */
import type { Locale } from '../db/enums.ts'
import type { Database } from '../platform/database.ts'
import type { FrozenPortfolio } from './frozen-portfolio-store.ts'
import { openPortfolioCopy } from './portfolio-copy.ts'
import { PORTFOLIO_WORDS } from './portfolio-words.ts'
import { volumeStarts } from './volume-starts.ts'
import { buildPortfolio } from './workbook/portfolio/build.ts'
import type { PortfolioFilter } from './workbook/portfolio/content.ts'
import { plainText } from '../mail/phrase.ts'

/** Limits of a volume: larger workbooks would come near the memory limit of a worker. */
const PORTFOLIO_VOLUME = { actions: 20_000, bytes: 64 * 1024 * 1024 }

interface PortfolioVolume {
  exportId: string
  locale: Locale
  frozen: FrozenPortfolio
  /** Number of the volume, from 1. */
  number: number
  /** Called repeatedly during the build. */
  onPortion: () => Promise<void>
}

export async function makePortfolioVolume(database: Database, volume: PortfolioVolume) {
  const { exportId, locale, frozen, number, onPortion } = volume
  const copy = await openPortfolioCopy(database, exportId, frozen.exportedAt, onPortion)
  const starts = volumeStarts(copy.bytes, PORTFOLIO_VOLUME)
  const first = starts[number - 1] ?? 0
  const end = starts[number] ?? copy.actions.length
  const { timeZone, companyName, accentColor, exportedAt, exportedBy, planCount } = frozen
  const bytes = await buildPortfolio({
    ...{ locale, timeZone, companyName, accentColor, exportedAt, exportedBy, planCount },
    filter: shownFilter(frozen),
    ...{ plans: copy.plans, areas: copy.areas, actions: copy.actions },
    volume: { number, of: starts.length, first, count: end - first },
  })
  const title = plainText(PORTFOLIO_WORDS[locale].title(companyName))
  return { title, bytes, of: starts.length, done: end }
}

/** The filter with names in place of ids. */
function shownFilter({ filter, filterArea, filterAssignee }: FrozenPortfolio): PortfolioFilter {
  const { hierarchyId, assigneeId, ...others } = filter
  return {
    ...others,
    ...(hierarchyId === undefined ? {} : { area: filterArea ?? '' }),
    ...(assigneeId === undefined ? {} : { assignee: filterAssignee ?? '' }),
  }
}
