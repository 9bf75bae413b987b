/**
 * The e-mails about an export, pure: the same facts give the same bytes, which the provider needs to drop duplicates.
 */
import type { Locale } from '../db/enums.ts'
import { type Part, written } from '../mail/layout.ts'
import type { Mail } from '../mail/mailer.ts'
import { PORTFOLIO_WORDS } from './portfolio-words.ts'
import { ofUser, type Phrase, phrase, sentences, shortTitle } from '../mail/phrase.ts'

interface Addressee {
  exportId: string
  to: string
  locale: Locale
  /** null in exports that an older version recorded. */
  companyName: string | null
  /** null in exports that an older version recorded. */
  accentColor: string | null
  /** Name of the requester; null in exports that an older version recorded. */
  name: string | null
  /** null: the export is that of the portfolio. */
  planTitle: string | null
}

export interface LinkMailFacts extends Addressee {
  timeZone: string
  /** Percentage of all actions of the plan, those that the requester may not read too; of a portfolio, of what it holds. */
  completionPercent: number
  /** Number of actions that the requester may read. */
  actionCount: number
  /** Number of plans in a portfolio. */
  planCount?: number
  /** How many of these are overdue; null in plans that an older version froze. */
  overdueCount: number | null
  hasHiddenActions: boolean
  files: readonly { name: string; bytes: number; url: string }[]
  linkExpiresAt: number
  /** When the files are deleted (Unix milliseconds), as `linkExpiresAt`. */
  filesExpireAt: number
}

export type FailureMailFacts = Addressee

const WORDS = {
  en: {
    tag: 'en-GB',
    subject: (title: string) => phrase`Action plan “${ofUser(title)}” in Excel`,
    intro: (title: string) => phrase`The Excel export of the action plan “${ofUser(title)}” is ready.`,
    status: (percent: string, overdue: string | null) =>
      overdue === null ? phrase`${percent} completed.` : phrase`${percent} completed, ${overdue} overdue.`,
    completion: 'Completion',
    overdue: 'Overdue',
    overdueOf: (overdue: string, count: string) => `${overdue} of ${count}`,
    none: 'none',
    contents: 'Contents',
    holds: (count: string) => `A summary and one sheet for each of the ${count} actions that you may read`,
    holdsOne: 'A summary and one sheet for the one action that you may read',
    holdsNone: 'A summary; there are no actions that you may read',
    hidden: 'Actions that you may not read count towards the percentage too.',
    size: 'Size',
    inFiles: (size: string, files: number) => `${size} in ${String(files)} files`,
    download: 'Download the workbook',
    downloadOf: (file: number, files: number) => `Download file ${String(file)} of ${String(files)}`,
    expires: (when: string, links: number) =>
      links === 1 ? `The link works until ${when}.` : `The links work until ${when}.`,
    care: (links: number) =>
      links === 1
        ? 'Whoever has it can open the file, so pass it on with care.'
        : 'Whoever has them can open the files, so pass them on with care.',
    afterwards: (when: string, links: number) =>
      (links === 1
        ? 'If the link has expired, open it all the same'
        : 'If they have expired, open one all the same') + `: until ${when} its page can send you a new one.`,
    exportAgain: 'After that, export the plan again.',
    failedSubject: (title: string) => phrase`Action plan “${ofUser(title)}”: export failed`,
    failed: (title: string) =>
      phrase`The Excel export of the action plan “${ofUser(title)}” could not be made.`,
    failedAdvice: 'Nothing is lost; please ask for it again.',
    reason: 'You receive this e-mail because you asked for this export.',
  },
  es: {
    tag: 'es-ES',
    subject: (title: string) => phrase`Plan de acción «${ofUser(title)}» en Excel`,
    intro: (title: string) =>
      phrase`La exportación a Excel del plan de acción «${ofUser(title)}» está lista.`,
    status: (percent: string, overdue: string | null) =>
      overdue === null
        ? phrase`Progreso: ${percent}.`
        : phrase`Progreso: ${percent}; acciones con retraso: ${overdue}.`,
    completion: 'Progreso',
    overdue: 'Con retraso',
    overdueOf: (overdue: string, count: string) => `${overdue} de ${count}`,
    none: 'ninguna',
    contents: 'Contenido',
    holds: (count: string) => `Un resumen y una hoja por cada una de las ${count} acciones que puedes leer`,
    holdsOne: 'Un resumen y una hoja para la única acción que puedes leer',
    holdsNone: 'Un resumen; no hay acciones que puedas leer',
    hidden: 'Las acciones que no puedes leer también cuentan para el porcentaje.',
    size: 'Tamaño',
    inFiles: (size: string, files: number) => `${size} en ${String(files)} archivos`,
    download: 'Descargar el libro',
    downloadOf: (file: number, files: number) => `Descargar el archivo ${String(file)} de ${String(files)}`,
    expires: (when: string, links: number) =>
      links === 1 ? `El enlace funciona hasta el ${when}.` : `Los enlaces funcionan hasta el ${when}.`,
    care: (links: number) =>
      links === 1
        ? 'Quien lo tenga puede abrir el archivo: compártelo con cuidado.'
        : 'Quien los tenga puede abrir los archivos: compártelos con cuidado.',
    afterwards: (when: string, links: number) =>
      (links === 1 ? 'Si el enlace ha caducado, ábrelo igualmente' : 'Si han caducado, abre uno igualmente') +
      `: hasta el ${when} su página puede enviarte uno nuevo.`,
    exportAgain: 'Después, vuelve a exportar el plan.',
    failedSubject: (title: string) => phrase`Plan de acción «${ofUser(title)}»: exportación fallida`,
    failed: (title: string) =>
      phrase`No se ha podido hacer la exportación a Excel del plan de acción «${ofUser(title)}».`,
    failedAdvice: 'No se ha perdido nada; vuelve a pedirla.',
    reason: 'Recibes este correo porque has pedido esta exportación.',
  },
} as const

type Words = (typeof WORDS)[Locale]

/** What the mails say of a plan or of the portfolio. */
function aboutOf({ locale, planTitle, companyName }: Addressee) {
  const words = WORDS[locale]
  if (planTitle !== null) {
    return {
      subject: words.subject(shortTitle(planTitle)),
      intro: words.intro(planTitle),
      failedSubject: words.failedSubject(shortTitle(planTitle)),
      failed: words.failed(planTitle),
      exportAgain: words.exportAgain,
    }
  }
  const ofPortfolio = PORTFOLIO_WORDS[locale]
  const company = companyName ?? ''
  return {
    subject: ofPortfolio.title(shortTitle(company)),
    intro: ofPortfolio.intro(company),
    failedSubject: ofPortfolio.failedSubject(shortTitle(company)),
    failed: ofPortfolio.failed(company),
    exportAgain: ofPortfolio.exportAgain,
  }
}

/** What mails tell of times. */
const MINUTE = 60_000

/** The mail with the links of all volumes. */
export function linkMail(facts: LinkMailFacts): Mail {
  const { locale, files } = facts
  const words = WORDS[locale]
  const about = aboutOf(facts)
  const expires = words.expires(momentIn(words, facts.timeZone, facts.linkExpiresAt), files.length)
  return mailOf(facts, facts.exportId, {
    subject: about.subject,
    preheader: sentences(statusOf(words, facts), [expires]),
    parts: [
      { kind: 'paragraph', words: about.intro },
      { kind: 'facts', facts: factsOf(words, facts) },
      ...(facts.hasHiddenActions ? [{ kind: 'hint' as const, words: [words.hidden] }] : []),
      ...files.map(({ name, bytes, url }, index): Part => ({
        kind: 'link',
        label: files.length === 1 ? words.download : words.downloadOf(index + 1, files.length),
        url,
        note: [`${name} (${sizeIn(words, bytes)})`],
      })),
      { kind: 'paragraph', words: [`${expires} ${words.care(files.length)}`] },
      { kind: 'hint', words: [afterExpiry(words, facts, about.exportAgain)] },
    ],
  })
}

/** The mail about an export that failed, unless only its mail failed. */
export function failureMail(facts: FailureMailFacts): Mail {
  const words = WORDS[facts.locale]
  const about = aboutOf(facts)
  return mailOf(facts, `${facts.exportId}-failed`, {
    subject: about.failedSubject,
    preheader: [words.failedAdvice],
    parts: [
      {
        kind: 'paragraph',
        words: sentences(about.failed, [words.failedAdvice]),
      },
    ],
  })
}

function mailOf(
  { to, locale, companyName, accentColor, name }: Addressee,
  idempotencyKey: string,
  content: { subject: Phrase; preheader: Phrase; parts: readonly Part[] },
): Mail {
  const { reason } = WORDS[locale]
  return { to, idempotencyKey, ...written({ locale, companyName, accentColor, name, reason, ...content }) }
}

function statusOf(words: Words, { completionPercent, overdueCount }: LinkMailFacts): Phrase {
  const overdue = overdueCount === null ? null : overdueIn(words, overdueCount)
  return words.status(percentIn(words, completionPercent), overdue)
}

function factsOf(words: Words, facts: LinkMailFacts) {
  const { completionPercent: percent, overdueCount, actionCount, files } = facts
  const size = sizeIn(
    words,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  const holds =
    facts.planTitle === null
      ? PORTFOLIO_WORDS[facts.locale].holds(
          numberIn(words, actionCount),
          numberIn(words, facts.planCount ?? 0),
        )
      : actionCount === 0
        ? words.holdsNone
        : actionCount === 1
          ? words.holdsOne
          : words.holds(numberIn(words, actionCount))
  return [
    { label: words.completion, value: [percentIn(words, percent)], percent },
    ...(overdueCount === null
      ? []
      : [{ label: words.overdue, value: [overdueOf(words, overdueCount, actionCount)] }]),
    { label: words.contents, value: [holds] },
    { label: words.size, value: [files.length === 1 ? size : words.inFiles(size, files.length)] },
  ]
}

function overdueIn(words: Words, count: number): string {
  return count === 0 ? words.none : numberIn(words, count)
}

function overdueOf(words: Words, overdue: number, actions: number): string {
  return overdue === 0 ? words.none : words.overdueOf(numberIn(words, overdue), numberIn(words, actions))
}

/** The page of an expired link sends another one while the files are kept. */
function afterExpiry(
  words: Words,
  { timeZone, linkExpiresAt, filesExpireAt, files }: LinkMailFacts,
  exportAgain: string,
): string {
  return filesExpireAt - linkExpiresAt >= MINUTE
    ? `${words.afterwards(laterMomentIn(words, timeZone, filesExpireAt), files.length)} ${exportAgain}`
    : exportAgain
}

/** `Friday, 27 November 2026 at 18:19 (Central European Standard Time)`. */
function momentIn({ tag }: Words, timeZone: string, time: number): string {
  const moment = new Intl.DateTimeFormat(tag, { ...MOMENT, weekday: 'long', timeZone }).format(time)
  const zone = new Intl.DateTimeFormat(tag, { timeZoneName: 'long', timeZone })
    .formatToParts(time)
    .find(({ type }) => type === 'timeZoneName')
  return `${moment} (${zone?.value ?? timeZone})`
}

/** `3 December 2026 at 18:19`, for a second moment in the same time zone. */
function laterMomentIn({ tag }: Words, timeZone: string, time: number): string {
  return new Intl.DateTimeFormat(tag, { ...MOMENT, timeZone }).format(time)
}

const MOMENT = {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const

function numberIn({ tag }: Words, number: number): string {
  return new Intl.NumberFormat(tag).format(number)
}

function percentIn({ tag }: Words, percent: number): string {
  return new Intl.NumberFormat(tag, { style: 'percent' }).format(percent / 100)
}

function sizeIn({ tag }: Words, bytes: number): string {
  const isLarge = bytes >= 1_000_000
  const format = new Intl.NumberFormat(tag, {
    style: 'unit',
    unit: isLarge ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: isLarge ? 1 : 0,
  })
  return format.format(isLarge ? bytes / 1_000_000 : Math.max(1, bytes / 1000))
}
