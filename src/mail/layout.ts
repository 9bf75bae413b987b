/**
 * The layout of all mails, pure: a plain and an HTML part made from the same words. Every text in HTML lies on a
 * background of its own, since some mail programs put a dark canvas under a mail and keep its colours.
 */
import { DEFAULT_ACCENT_COLOR, type Locale } from '../db/enums.ts'
import { lightenedFor } from '../platform/color.ts'
import { escapeHtml } from './html.ts'
import { htmlText, ofUser, type Phrase, plainText } from './phrase.ts'

/** A line of the table of facts. */
export interface Fact {
  label: string
  value: Phrase
  /** Shown as a bar, 0 to 100. */
  percent?: number
}

/** One of a list of things: what it is, and below it what is to be said of it. */
export interface Item {
  title: Phrase
  note: Phrase
}

export type Part =
  | { kind: 'paragraph' | 'hint' | 'heading'; words: Phrase }
  | { kind: 'list'; items: readonly Item[] }
  | { kind: 'code'; code: string }
  | { kind: 'facts'; facts: readonly Fact[] }
  | { kind: 'link'; label: string; url: string; note: Phrase }

export interface Letter {
  locale: Locale
  subject: Phrase
  /** The line that lists of mails show after the subject. */
  preheader: Phrase
  /** null if it is not known. */
  companyName: string | null
  /** The colour of the company, `#rrggbb`; null if it is not known. */
  accentColor: string | null
  /** Name of the recipient; null if it is not known. */
  name: string | null
  parts: readonly Part[]
  /** Why somebody gets the mail. */
  reason: string
  /** Where to go for no more of such mails. */
  switchOff?: { label: string; url: string }
}

const WORDS = {
  en: { product: 'Action Plans', hello: (name: Phrase) => ['Hello ', ...name, ','], helloNobody: 'Hello,' },
  es: {
    product: 'Planes de acción',
    hello: (name: Phrase) => ['Hola, ', ...name, ':'],
    helloNobody: 'Hola:',
  },
} as const

/** Subject, plain part and HTML part of a mail. */
export function written(letter: Letter): { subject: string; text: string; html: string } {
  return { subject: plainText(letter.subject), text: textOf(letter), html: htmlOf(letter) }
}

function greetingOf({ locale, name }: Letter): Phrase {
  const { hello, helloNobody } = WORDS[locale]
  return name === null ? [helloNobody] : hello([ofUser(name)])
}

function senderOf({ locale, companyName }: Letter): Phrase {
  return companyName === null ? [WORDS[locale].product] : [ofUser(companyName)]
}

function textOf(letter: Letter): string {
  const blocks = [
    plainText(greetingOf(letter)),
    ...letter.parts.map(plainPart),
    ['-- ', plainText(senderOf(letter)), letter.reason, ...plainSwitchOff(letter)].join('\n'),
  ]
  return `${blocks.join('\n\n')}\n`
}

function plainSwitchOff({ switchOff }: Letter): string[] {
  return switchOff ? [`${switchOff.label}: ${switchOff.url}`] : []
}

function plainPart(part: Part): string {
  switch (part.kind) {
    case 'paragraph':
    case 'hint':
      return plainText(part.words)
    case 'heading':
      return `# ${plainText(part.words)}`
    case 'list':
      return part.items.map(({ title, note }) => `- ${plainText(title)}\n  ${plainText(note)}`).join('\n')
    case 'code':
      return part.code
    case 'facts':
      return part.facts.map(({ label, value }) => `${label}: ${plainText(value)}`).join('\n')
    case 'link':
      return `${plainText(part.note)}\n${part.url}`
  }
}

/** For light canvases, and for dark ones of programs that keep these colours. */
const LIGHT = {
  canvas: '#eef1f5',
  card: '#ffffff',
  text: '#1f2937',
  muted: '#4b5563',
  line: '#d5dbe3',
}
const DARK = {
  canvas: '#0e141c',
  card: '#1a222d',
  text: '#e8ecf1',
  muted: '#b4bfcc',
  line: '#3a4656',
}

const FONT = "font-family:'Segoe UI',Helvetica,Arial,sans-serif"

// Programs that know the dark scheme take the classes; the others keep the colours that stand at each element.
const styleOf = (accent: string) => `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.canvas{background:${DARK.canvas}!important}
.card{background:${DARK.card}!important;color:${DARK.text}!important}
.muted{background:${DARK.card}!important;color:${DARK.muted}!important}
.line{border-color:${DARK.line}!important}
.done{background:${lightenedFor(DARK.card, accent)}!important}
.rest{background:${DARK.line}!important}
}
@media (max-width:480px){.pad{padding-left:20px!important;padding-right:20px!important}.canvas{padding:0!important}}`

const TABLE = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'

function colours(text: string): string {
  return `background:${LIGHT.card};color:${text}`
}

function htmlOf(letter: Letter): string {
  const { locale, parts } = letter
  const accent = letter.accentColor ?? DEFAULT_ACCENT_COLOR
  const rows = [
    row(htmlText(greetingOf(letter)), 'padding-top:24px;font-size:18px;font-weight:600'),
    ...parts.map((part) => htmlPart(part, accent)),
    row(htmlReason(letter), 'padding-top:20px;padding-bottom:24px;font-size:13px', 'muted'),
  ]
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(plainText(letter.subject))}</title>
<style>${styleOf(accent)}</style>
</head>
<body class="canvas" style="margin:0;padding:0;background:${LIGHT.canvas};color:${LIGHT.text}">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${htmlText(letter.preheader)}${FILLER}</div>
<table ${TABLE} class="canvas" style="background:${LIGHT.canvas}" bgcolor="${LIGHT.canvas}"><tr><td class="canvas" align="center" style="padding:24px 12px">
<table ${TABLE} class="card" style="max-width:600px;${colours(LIGHT.text)};border-radius:10px;overflow:hidden" bgcolor="${LIGHT.card}">
<tr><td class="pad" style="padding:16px 32px;background:${accent};color:#ffffff;${FONT};font-size:16px;font-weight:600" bgcolor="${accent}">${htmlText(senderOf(letter))}</td></tr>
${rows.join('\n')}
</table>
</td></tr></table>
</body>
</html>
`
}

/** Blanks that nobody sees, so that lists of mails show nothing of the body after the preheader. */
const FILLER = '&#847;&zwnj;&nbsp;'.repeat(60)

function row(html: string, style: string, kind: 'card' | 'muted' = 'card'): string {
  const colour = kind === 'card' ? LIGHT.text : LIGHT.muted
  return `<tr><td class="pad ${kind}" style="padding:12px 32px 0;${colours(colour)};${FONT};font-size:16px;line-height:1.5;word-break:break-word;${style}" bgcolor="${LIGHT.card}">${html}</td></tr>`
}

/** The link has the colours of its line, since not every accent is readable on a dark card. */
function htmlReason({ reason, switchOff }: Letter): string {
  if (!switchOff) return escapeHtml(reason)
  return `${escapeHtml(reason)} <a class="muted" href="${escapeHtml(switchOff.url)}" style="${colours(LIGHT.muted)};text-decoration:underline">${escapeHtml(switchOff.label)}</a>`
}

function htmlPart(part: Part, accent: string): string {
  switch (part.kind) {
    case 'paragraph':
      return row(htmlText(part.words), '')
    case 'hint':
      return row(htmlText(part.words), 'font-size:14px', 'muted')
    case 'heading':
      return row(htmlText(part.words), 'padding-top:24px;font-size:18px;font-weight:600')
    case 'list':
      return part.items.map(itemRow).join('\n')
    case 'code':
      return row(
        escapeHtml(part.code),
        'padding-top:16px;padding-bottom:4px;font-size:32px;font-weight:700;letter-spacing:4px',
      )
    case 'facts':
      return row(
        `<table ${TABLE}>${part.facts.map((fact) => factRow(fact, accent)).join('')}</table>`,
        'padding-top:16px',
      )
    case 'link':
      return row(button(part.url, part.label, accent), 'padding-top:20px') + '\n' + note(part.note)
  }
}

function itemRow({ title, note }: Item): string {
  return `${row(htmlText(title), 'padding-top:10px;font-weight:600')}
${row(htmlText(note), 'padding-top:2px;font-size:14px', 'muted')}`
}

function factRow({ label, value, percent }: Fact, accent: string): string {
  const cell = `padding:9px 0;border-top:1px solid ${LIGHT.line};${FONT};font-size:15px;line-height:1.45;vertical-align:top`
  const shown = htmlText(value) + (percent === undefined ? '' : bar(percent, accent))
  return `<tr><td class="muted line" width="112" style="${cell};width:112px;padding-right:12px;${colours(LIGHT.muted)}">${escapeHtml(label)}</td><td class="card line" style="${cell};${colours(LIGHT.text)}">${shown}</td></tr>`
}

function bar(percent: number, accent: string): string {
  const part = (width: number, colour: string, name: string) =>
    width === 0
      ? ''
      : `<td class="${name}" width="${String(width)}%" style="width:${String(width)}%;height:8px;background:${colour};font-size:0;line-height:0" bgcolor="${colour}">&nbsp;</td>`
  return `<table ${TABLE} style="margin-top:6px"><tr>${part(percent, accent, 'done')}${part(100 - percent, LIGHT.line, 'rest')}</tr></table>`
}

function button(url: string, label: string, accent: string): string {
  return `<a href="${escapeHtml(url)}" style="display:inline-block;padding:12px 22px;background:${accent};color:#ffffff;border-radius:6px;${FONT};font-size:16px;font-weight:600;text-decoration:none">${escapeHtml(label)}</a>`
}

function note(words: Phrase): string {
  return row(htmlText(words), 'padding-top:6px;font-size:14px', 'muted')
}
