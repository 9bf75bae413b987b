/** The inbox as a person reads it: a list, and one page per mail. No scripts, nothing from other hosts. */
import type { Mail } from './mail-log.ts'

/** Also governs the frame that shows a mail's HTML, which inherits it. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'"

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2430; background: #f5f6f8; margin: 0 }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
a { color: #2450a4 }
ul { list-style: none; padding: 0 }
li a, article { display: block; background: #fff; border: 1px solid #dfe2e8; border-radius: 6px; padding: .8rem 1rem; margin: .5rem 0; text-decoration: none; color: inherit }
li a:hover, li a:focus { border-color: #2450a4 }
.meta { color: #5b6270; font-size: .85rem; overflow-wrap: anywhere }
iframe { width: 100%; height: 26rem; border: 1px solid #dfe2e8; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
`

/** @param mails newest first */
export function inboxPage(mails: readonly Mail[]): string {
  const rows = mails.map(
    (mail) =>
      `<li><a href="/messages/${escape(mail.id)}"><strong>${escape(mail.subject)}</strong>
       <div class="meta">to ${escape(recipients(mail))}, <time>${escape(mail.createdAt)}</time></div></a></li>`,
  )
  const list = rows.length > 0 ? `<ul>${rows.join('\n')}</ul>` : '<p>No mail yet.</p>'
  const count = `${mails.length} ${mails.length === 1 ? 'mail' : 'mails'}`
  return page(
    `Mailbox: ${count}`,
    `<h1>Mailbox</h1><p class="meta">${count}, newest first; reloads by itself. As JSON: <a href="/emails">/emails</a></p>${list}`,
    '<meta http-equiv="refresh" content="5">',
  )
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
     ${escape(mail.createdAt)}<br>Idempotency-Key: ${escape(mail.idempotencyKey ?? 'none')}<br>
     <a href="/emails/${escape(mail.id)}">as JSON</a></p>${frame}${text}`,
  )
}

function recipients(mail: Mail): string {
  return [mail.to].flat().join(', ')
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width">${head}<style>${STYLE}</style></head><body><main>${body}</main></body></html>`
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
