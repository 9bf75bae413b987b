/** The inbox as a person reads it: lists of mails and webhooks, and one page per mail. No scripts, nothing from other hosts. */
import type { Mail } from './mails.ts'
import type { Received } from './webhooks.ts'

/** Also governs the frame that shows a mail's HTML, which inherits it. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'"

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2430; --ground: #f5f6f8; --panel: #fff; --line: #dfe2e8; --soft: #565d6b; --link: #2450a4 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --ground: #14171c; --panel: #1e232b; --line: #3a414d; --soft: #a3abb8; --link: #9dbcff }
}
* { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.4rem; margin: .5rem 0; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
a { color: var(--link) }
a.button { display: inline-block; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); padding: .4rem .9rem; text-decoration: none }
ul { list-style: none; padding: 0 }
li a, article { display: block; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: .5rem 0; text-decoration: none; color: inherit; overflow-wrap: anywhere }
li a:hover { border-color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.meta { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: 6px; background: Canvas }
pre { font-size: .9rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
`

/** How many of the webhooks that came are shown. */
const MOST_RECEIVED = 50

/**
 * @param mails newest first
 * @param received webhooks, newest first
 */
export function inboxPage(mails: readonly Mail[], received: readonly Received[]): string {
  const rows = mails.map(
    (mail) =>
      `<li><a href="/messages/${escape(mail.id)}"><strong>${escape(mail.subject)}</strong>
       <div class="meta">to ${escape(recipients(mail))}, ${time(mail.createdAt)}</div></a></li>`,
  )
  const list = rows.length > 0 ? `<ul>${rows.join('\n')}</ul>` : '<p>No mail yet.</p>'
  const count = counted(mails.length, 'mail')
  return page(
    `Mailbox: ${count}, ${counted(received.length, 'webhook')}`,
    `<h1>Mailbox</h1><p class="meta">${count}, newest first. As JSON: <a href="/emails">/emails</a></p>
     <p><a class="button" href="/">Reload</a></p>${list}${webhookList(received)}`,
  )
}

function webhookList(received: readonly Received[]): string {
  const rows = received.slice(0, MOST_RECEIVED).map(
    ({ id, type, verified, body, receivedAt }) =>
      `<li><article><strong>${escape(type)}</strong> ${verified ? 'signature verified' : 'refused: signed with no known secret'}
       <div class="meta">${escape(id)}, ${time(receivedAt)}</div><pre>${escape(body)}</pre></article></li>`,
  )
  const list =
    rows.length > 0
      ? `<ul>${rows.join('\n')}</ul>`
      : '<p>None yet. Make a webhook whose URL is /webhooks of this mailbox, and send its secret to /webhooks/secrets.</p>'
  return `<h2>Webhooks received</h2><p class="meta">${counted(received.length, 'try', 'tries')}, newest first. As JSON:
     <a href="/webhooks">/webhooks</a></p>${list}`
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function messagePage(mail: Mail): string {
  // The base makes links of the mail open in a tab of their own, outside the sandbox.
  const frame = mail.html
    ? `<h2>HTML</h2><iframe title="The mail's HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox"
       srcdoc="${escape(`<base target="_blank">${mail.html}`)}"></iframe>`
    : ''
  const text = mail.text ? `<h2>Text</h2><article><pre>${escape(mail.text)}</pre></article>` : ''
  return page(
    mail.subject,
    `<p><a href="/">Mailbox</a></p><h1>${escape(mail.subject)}</h1>
     <p class="meta">from ${escape(mail.from)}<br>to ${escape(recipients(mail))}<br>
     ${time(mail.createdAt)}<br>Idempotency-Key: ${escape(mail.idempotencyKey ?? 'none')}<br>${headerLines(mail)}
     <a href="/emails/${escape(mail.id)}">as JSON</a></p>${frame}${text}`,
  )
}

function headerLines({ headers }: Mail): string {
  return Object.entries(headers)
    .map(([name, text]) => `${escape(name)}: ${escape(text)}<br>`)
    .join('')
}

function recipients(mail: Mail): string {
  return [mail.to].flat().join(', ')
}

/** `2026-11-23 18:19:00 UTC` */
function time(createdAt: string): string {
  const shown = `${createdAt.slice(0, 19).replace('T', ' ')} UTC`
  return `<time datetime="${escape(createdAt)}">${escape(shown)}</time>`
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><main>${body}</main></body></html>`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
