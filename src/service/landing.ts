/** The page at `/`: what this is, where to go, how to start. */
import type { Locale } from '../db/enums.ts'
import { html, pageResponse } from '../platform/page.ts'

interface Words {
  /** The language, as its speakers call it. */
  name: string
  languages: string
  is: string
  go: string
  /** What is at each of the addresses below, in that order. */
  places: readonly [string, string, string, string, string]
  start: string
  /** What each of the calls below does, in that order. */
  steps: readonly [string, string, string]
}

const PLACES = ['/docs', '/docs.md', '/llms.txt', '/openapi.json', '/healthz'] as const

const WORDS: Record<Locale, Words> = {
  en: {
    name: 'English',
    languages: 'Language',
    is: 'An HTTP API for companies that ask their people how they are and then want to act on it. An action plan holds improvement actions, each with the people who carry it out, their progress and a due date. It can be exported to an Excel workbook, which arrives by e-mail as a link that expires.',
    go: 'Where to go',
    places: [
      'the interactive reference: read and try every call',
      'the same reference as Markdown',
      'an index of it for language models',
      'the OpenAPI 3.1 document, for generated clients',
      'whether the service is well',
    ],
    start: 'How to start',
    steps: [
      'Ask for a code, which comes by e-mail.',
      'Open a session with it; the answer holds its id.',
      'Send the id with every further call. These are your plans:',
    ],
  },
  es: {
    name: 'Español',
    languages: 'Idioma',
    is: 'Una API HTTP para empresas que preguntan a su gente cómo está y quieren actuar en consecuencia. Un plan de acción reúne acciones de mejora, cada una con las personas que la llevan a cabo, su avance y una fecha límite. Se puede exportar a un libro de Excel, que llega por correo como un enlace que caduca.',
    go: 'Adónde ir',
    places: [
      'la referencia interactiva: lee y prueba cada llamada',
      'la misma referencia en Markdown',
      'un índice para modelos de lenguaje',
      'el documento OpenAPI 3.1, para generar clientes',
      'si el servicio está bien',
    ],
    start: 'Cómo empezar',
    steps: [
      'Pide un código, que llega por correo.',
      'Abre una sesión con él; la respuesta contiene su identificador.',
      'Envía el identificador con cada llamada. Estos son tus planes:',
    ],
  },
}

/** The page in that language, with a way to the other one. `publicUrl` is where the service is reached. */
export function landingPage(locale: Locale, publicUrl: string): Promise<Response> {
  const words = WORDS[locale]
  const other = locale === 'en' ? 'es' : 'en'
  const base = publicUrl.replace(/\/$/, '')
  return pageResponse({
    locale,
    title: 'Action Plans API',
    aside: html`<nav aria-label="${words.languages}">
      <a href="/?lang=${other}" hreflang="${other}" lang="${other}">${WORDS[other].name}</a>
    </nav>`,
    content: html`<h1>Action Plans API</h1>
      <p>${words.is}</p>
      <h2>${words.go}</h2>
      <ul>
        ${PLACES.map((path, index) => html`<li><a href="${path}">${path}</a>: ${words.places[index]}</li>`)}
      </ul>
      <h2>${words.start}</h2>
      <ol>
        ${callsOf(base).map(
          (line, index) =>
            html`<li>
              ${words.steps[index]}
              <pre><code>${line}</code></pre>
            </li>`,
        )}
      </ol>`,
  })
}

/** Three lines to paste: from an address to a list of plans. */
function callsOf(base: string): string[] {
  const json = `-H 'Content-Type: application/json'`
  return [
    `curl ${base}/api/v1/sign-in-codes ${json} -d '{"email": "you@example.com"}'`,
    `curl ${base}/api/v1/sessions ${json} -d '{"email": "you@example.com", "code": "12345678"}'`,
    `curl ${base}/api/v1/company/action-plans -H 'SessionId: …'`,
  ]
}
