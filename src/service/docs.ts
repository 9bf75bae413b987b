/** The interactive reference: Swagger UI, served by this worker, for the OpenAPI document of this deployment. Pure. */

/** Files of swagger-ui-dist that the page loads. */
export const PACKAGE_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const

/**
 * Runs before anything is painted: Swagger UI has a dark mode, by a class that nobody sets. Then starts it, with two
 * changes: requests go to the host that the page came from, under whatever name it was reached, and the session is kept
 * in the tab's own storage, where Swagger UI itself would keep it for good.
 */
const SCRIPT = `const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()

const KEPT = 'action-plans.authorization'

const KeepInTab = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        persistAuthorizationIfNeeded: (_original, system) => () => {
          sessionStorage.setItem(KEPT, JSON.stringify(system.authSelectors.authorized()))
        },
      },
    },
  },
})

window.addEventListener('load', async () => {
  const answer = await fetch('/openapi.json')
  const spec = await answer.json()
  const ui = SwaggerUIBundle({
    spec: { ...spec, servers: [{ url: '/' }] },
    dom_id: '#reference',
    deepLinking: true,
    validatorUrl: null,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    plugins: [KeepInTab],
    onComplete() {
      const kept = sessionStorage.getItem(KEPT)
      if (kept !== null) ui.authActions.restoreAuthorization({ authorized: JSON.parse(kept) })
    },
  })
})
`

/** What Swagger UI lacks on a narrow screen and in the dark. */
const STYLE = `:root { color-scheme: light; }
:root.dark-mode { color-scheme: dark; background: #1c2022; }
body { margin: 0; }
.swagger-ui .wrapper { max-width: 1200px; }
.swagger-ui .opblock-tag small { flex: 2; }
/* The page calls the host it came from, so there is nothing to choose. */
.swagger-ui .servers-title, .swagger-ui .servers { display: none; }
.swagger-ui .scheme-container .schemes { justify-content: flex-end; }
.swagger-ui .parameters-col_name { padding-right: 16px; }
/* No answer declares links. */
.swagger-ui .response-col_links, .swagger-ui .responses-table .col_header.response-col_links { display: none; }
html.dark-mode .swagger-ui .headers-wrapper td, html.dark-mode .swagger-ui .headers .header-col { color: #d0d4d8; }
noscript { display: block; padding: 2rem; font-family: sans-serif; }

@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 10px; }
  .swagger-ui .info { margin: 24px 0; }
  .swagger-ui .info .title { font-size: 26px; overflow-wrap: anywhere; }
  .swagger-ui .info code, .swagger-ui .opblock-description-wrapper { overflow-wrap: anywhere; }
  .swagger-ui .scheme-container .schemes { flex-wrap: wrap; gap: 10px; }
  .swagger-ui .opblock-tag { flex-wrap: wrap; font-size: 20px; }
  .swagger-ui .opblock-tag small { flex-basis: 100%; order: 1; padding: 4px 0 0; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-method { margin-bottom: 6px; }
  .swagger-ui .opblock .opblock-summary-path { max-width: none; overflow-wrap: anywhere; }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 4px 10px; }
  .swagger-ui .opblock-body, .swagger-ui .responses-wrapper { min-width: 0; overflow-x: auto; }
  .swagger-ui table.parameters, .swagger-ui table.parameters > tbody,
  .swagger-ui table.parameters > tbody > tr, .swagger-ui table.parameters > tbody > tr > td {
    display: block; width: auto; box-sizing: border-box;
  }
  .swagger-ui table.parameters thead { display: none; }
  .swagger-ui .parameters-col_description input, .swagger-ui .parameters-col_description select,
  .swagger-ui .parameters-col_description textarea { max-width: 100%; width: 100%; box-sizing: border-box; }
  .swagger-ui .dialog-ux .modal-ux { width: calc(100vw - 20px); min-width: 0; }
  .swagger-ui .dialog-ux .modal-ux-content { max-height: 80vh; }
}
`

/** Our own files by name. */
export const OWN_FILES: ReadonlyMap<string, string> = new Map([
  ['init.js', SCRIPT],
  ['reference.css', STYLE],
])

/** The Content-Security-Policy: the page may load and call only this service. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI shows an image that was answered from a blob.
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Action Plans: API reference</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/reference.css">
    <script src="/docs/init.js"></script>
  </head>
  <body>
    <main id="reference"></main>
    <noscript>This page needs JavaScript. The same reference as text: <a href="/docs.md">/docs.md</a>.</noscript>
    <script src="/docs/swagger-ui-bundle.js" defer></script>
  </body>
</html>
`

export function docsPage(): Response {
  return new Response(PAGE, {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY },
  })
}
