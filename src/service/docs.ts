/** The interactive reference: Swagger UI, served by this worker, for the OpenAPI document of this deployment. Pure. */

/** Files of swagger-ui-dist that the page loads. */
export const DOCS_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const

export const DOCS_SCRIPT = `window.onload = () => {
  SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#reference',
    deepLinking: true,
    persistAuthorization: false,
    validatorUrl: null,
    docExpansion: 'list',
    tryItOutEnabled: true,
  })
}
`

/** The Content-Security-Policy: the page may load and call only this service. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
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
  </head>
  <body>
    <main id="reference"></main>
    <noscript>This page needs JavaScript. The same reference as text: <a href="/docs.md">/docs.md</a>.</noscript>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>
`

export function docsPage(): Response {
  return new Response(PAGE, {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY },
  })
}
