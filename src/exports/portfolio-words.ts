/** What the mails about an export of the portfolio say otherwise than those about a plan. Pure. */
import type { Locale } from '../db/enums.ts'
import { ofUser, type Phrase, phrase } from '../mail/phrase.ts'

interface PortfolioWords {
  /** What the file is, which is also what it is called. */
  title: (company: string) => Phrase
  intro: (company: string) => Phrase
  holds: (actions: string, plans: string) => string
  failedSubject: (company: string) => Phrase
  failed: (company: string) => Phrase
  exportAgain: string
}

export const PORTFOLIO_WORDS: Record<Locale, PortfolioWords> = {
  en: {
    title: (company) => phrase`Portfolio of ${ofUser(company)}`,
    intro: (company) => phrase`The Excel export of the action plans of ${ofUser(company)} is ready.`,
    holds: (actions, plans) =>
      `An overview, the plans (${plans}) and the actions (${actions}) that you may read, with all their fields`,
    failedSubject: (company) => phrase`Portfolio of ${ofUser(company)}: export failed`,
    failed: (company) =>
      phrase`The Excel export of the action plans of ${ofUser(company)} could not be made.`,
    exportAgain: 'After that, export the plans again.',
  },
  es: {
    title: (company) => phrase`Cartera de planes de ${ofUser(company)}`,
    intro: (company) =>
      phrase`La exportación a Excel de los planes de acción de ${ofUser(company)} está lista.`,
    holds: (actions, plans) =>
      `Un panorama, los planes (${plans}) y las acciones (${actions}) que puedes leer, con todos sus campos`,
    failedSubject: (company) => phrase`Cartera de planes de ${ofUser(company)}: exportación fallida`,
    failed: (company) =>
      phrase`No se ha podido hacer la exportación a Excel de los planes de acción de ${ofUser(company)}.`,
    exportAgain: 'Después, vuelve a exportar los planes.',
  },
}
