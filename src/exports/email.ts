/**
 * The e-mails about an export, pure: the same facts give the same bytes, which the provider needs to drop duplicates.
 */
import type { Locale } from '../db/enums.ts'
import { isolated, isolatedHtml } from '../mail/bidi.ts'
import { escapeHtml } from '../mail/html.ts'
import type { Mail } from '../mail/mailer.ts'

export interface LinkMailFacts {
  exportId: string
  to: string
  locale: Locale
  timeZone: string
  planTitle: string
  actionCount: number
  links: readonly { name: string; url: string }[]
  linkExpiresAt: number
}

export interface FailureMailFacts {
  exportId: string
  to: string
  locale: Locale
  planTitle: string
}

const WORDS = {
  en: {
    tag: 'en-GB',
    subject: (title: string) => `Action plan “${title}”: your Excel export`,
    intro: (title: string) => `The Excel export of the action plan “${title}” is ready.`,
    holds: (count: number, files: number) =>
      `The workbook holds a summary and one sheet for each of its ${String(count)} actions that you may read` +
      (files > 1 ? `, in ${String(files)} files.` : '.'),
    holdsOne: 'The workbook holds a summary and one sheet for the one action that you may read.',
    holdsNone: 'The workbook holds a summary; there are no actions that you may read.',
    download: 'Download',
    expires: (when: string) =>
      `The link works until ${when}. Whoever has it can open the file, so pass it on with care.`,
    failedSubject: (title: string) => `Action plan “${title}”: the export failed`,
    failed: (title: string) =>
      `The Excel export of the action plan “${title}” could not be made. Nothing is lost; please ask for it again.`,
  },
  es: {
    tag: 'es-ES',
    subject: (title: string) => `Plan de acción «${title}»: tu exportación a Excel`,
    intro: (title: string) => `La exportación a Excel del plan de acción «${title}» está lista.`,
    holds: (count: number, files: number) =>
      `El libro contiene un resumen y una hoja por cada una de sus ${String(count)} acciones que puedes leer` +
      (files > 1 ? `, en ${String(files)} archivos.` : '.'),
    holdsOne: 'El libro contiene un resumen y una hoja para la única acción que puedes leer.',
    holdsNone: 'El libro contiene un resumen; no hay acciones que puedas leer.',
    download: 'Descargar',
    expires: (when: string) =>
      `El enlace funciona hasta el ${when}. Quien lo tenga puede abrir el archivo: compártelo con cuidado.`,
    failedSubject: (title: string) => `Plan de acción «${title}»: la exportación ha fallado`,
    failed: (title: string) =>
      `No se ha podido hacer la exportación a Excel del plan de acción «${title}». No se ha perdido nada; vuelve a pedirla.`,
  },
} as const

/** The mail with the links of all volumes. */
export function linkMail(facts: LinkMailFacts): Mail {
  const words = WORDS[facts.locale]
  const { actionCount, links } = facts
  const holds =
    actionCount === 0
      ? words.holdsNone
      : actionCount === 1
        ? words.holdsOne
        : words.holds(actionCount, links.length)
  const when = new Intl.DateTimeFormat(words.tag, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: facts.timeZone,
  }).format(facts.linkExpiresAt)
  const expires = words.expires(`${when} (${facts.timeZone})`)
  const title = isolated(facts.planTitle)
  const intro = words.intro(title)
  return {
    to: facts.to,
    subject: words.subject(title),
    text: [intro, holds, ...links.map(({ name, url }) => `${name}\n${url}`), expires].join('\n\n') + '\n',
    html: page(facts.locale, [
      paragraphWithTitle(words.intro, facts.planTitle),
      paragraph(holds),
      ...links.map(({ name, url }) => button(url, `${words.download}: ${name}`)),
      paragraph(expires),
    ]),
    idempotencyKey: facts.exportId,
  }
}

/** The mail about an export that failed, unless only its mail failed. */
export function failureMail(facts: FailureMailFacts): Mail {
  const words = WORDS[facts.locale]
  const title = isolated(facts.planTitle)
  return {
    to: facts.to,
    subject: words.failedSubject(title),
    text: `${words.failed(title)}\n`,
    html: page(facts.locale, [paragraphWithTitle(words.failed, facts.planTitle)]),
    idempotencyKey: `${facts.exportId}-failed`,
  }
}

function page(locale: Locale, parts: readonly string[]): string {
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"></head><body style="font-family:Segoe UI,Helvetica,Arial,sans-serif;color:#1f2937;line-height:1.5;max-width:560px">${parts.join('')}</body></html>`
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`
}

/**
 * Marks the place of the title with a control character, which no title contains, so that the title is escaped on its
 * own.
 */
function paragraphWithTitle(sentence: (title: string) => string, title: string): string {
  return paragraph(sentence('\u0000')).replace('\u0000', () => isolatedHtml(title))
}

function button(url: string, text: string): string {
  return `<p><a href="${escapeHtml(url)}" style="display:inline-block;background:#1d4ed8;color:#ffffff;padding:10px 18px;border-radius:6px;text-decoration:none">${escapeHtml(text)}</a></p>`
}
