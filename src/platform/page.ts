/** Pages for people: one layout, light and dark, without scripts and without anything from other hosts. */
import { html, raw } from 'hono/html'
import type { Locale } from '../db/enums.ts'
import { sha256, toBase64 } from './hash.ts'

export { html }

/** What `html` makes: interpolated texts are escaped, interpolated `html` is not. */
export type Html = ReturnType<typeof html>

const STYLE = `:root{color-scheme:light dark;--ink:#1f2937;--ground:#fff;--panel:#f3f4f6;--accent:#1d4ed8;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e5e7eb;--ground:#111827;--panel:#1f2937;--accent:#93c5fd;--on-accent:#111827}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
header,main{max-width:42rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;justify-content:space-between;align-items:center;padding-top:1.5rem}
header p{display:flex;align-items:center;gap:.6rem;margin:0;font-weight:600}
main{padding-top:clamp(1.5rem,8vh,5rem);padding-bottom:3rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
ul,ol{padding-left:1.25rem}
a{color:var(--accent)}
pre{background:var(--panel);border-radius:.5rem;margin:.5rem 0 1rem;padding:.75rem 1rem;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;min-height:3rem;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--on-accent);cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px}`

// In one piece, since the policy names the hash of exactly this text.
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`)

interface Page {
  locale: Locale
  title: string
  /** What stands in `main`. */
  content: Html
  /** What stands at the other end of the head than the name of the service. */
  aside?: Html
  status?: number
  /** Whether it has a form, which may be sent to this service alone. */
  hasForm?: boolean
  headers?: Readonly<Record<string, string>>
}

let styleHash: string | undefined

export async function pageResponse({
  locale,
  title,
  content,
  aside,
  status = 200,
  hasForm = false,
  headers,
}: Page): Promise<Response> {
  styleHash ??= toBase64(await sha256(STYLE))
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "img-src 'self'",
    "base-uri 'none'",
    `form-action ${hasForm ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
  ]
  const text = await html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <p><img src="/favicon.svg" alt="" width="28" height="28" />Action Plans</p>
          ${aside}
        </header>
        <main>${content}</main>
      </body>
    </html>`
  return new Response(text, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': locale,
      'Content-Security-Policy': policy.join('; '),
      ...headers,
    },
  })
}
