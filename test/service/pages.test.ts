import { describe, expect, it } from 'vitest'
import { sha256, toBase64 } from '../../src/platform/hash.ts'
import { call, type Reply } from '../support/api.ts'

const languageOf = ({ text }: Reply) => /<html lang="(\w+)">/.exec(text)?.[1]

describe('/', () => {
  it('links to the reference in all its forms, to health and to nothing elsewhere', async () => {
    const { status, text, headers } = await call(null, 'GET', '/')
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
    for (const path of ['/docs', '/docs.md', '/llms.txt', '/openapi.json', '/healthz']) {
      expect(text).toContain(`<a href="${path}">`)
      expect((await call(null, 'GET', path)).status, path).toBe(200)
    }
    expect(text).not.toMatch(/(?:src|href)="(?!\/)/)
  })

  it('shows calls to where the service is reached', async () => {
    const { text } = await call(null, 'GET', '/', { vars: { PUBLIC_URL: 'https://plans.example/' } })
    expect(text).toContain('curl https://plans.example/api/v1/sign-in-codes')
    expect(text).toContain('curl https://plans.example/api/v1/sessions')
    expect(text).toContain('curl https://plans.example/api/v1/company/action-plans')
  })

  it.each<[string, Record<string, string>, string]>([
    ['/', {}, 'en'],
    ['/', { 'Accept-Language': 'es-MX, en;q=0.5' }, 'es'],
    ['/?lang=es', { 'Accept-Language': 'en' }, 'es'],
    ['/?lang=en', { 'Accept-Language': 'es' }, 'en'],
    ['/?lang=xx&utm_source=mail', { 'Accept-Language': 'es' }, 'es'],
  ])('at %s for %j is in %s, with a way to the other language', async (path, headers, language) => {
    const page = await call(null, 'GET', path, { headers })
    expect([page.status, languageOf(page)]).toEqual([200, language])
    expect(page.headers.get('Content-Language')).toBe(language)
    const other = language === 'en' ? 'es' : 'en'
    expect(page.text).toContain(`href="/?lang=${other}"`)
  })

  it('has a head, and other methods are refused', async () => {
    const head = await call(null, 'HEAD', '/')
    expect([head.status, head.text]).toEqual([200, ''])
    const { status, headers } = await call(null, 'POST', '/')
    expect([status, headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
})

describe.each(['/', '/?lang=es', '/api/v1/downloads/x/y'])('the page at %s', (path) => {
  const open = () => call(null, 'GET', path, { headers: { Accept: 'text/html' } })

  it('may load only its own style and the icon', async () => {
    const { text, headers } = await open()
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? ''
    const hash = toBase64(await sha256(style))
    expect(headers.get('Content-Security-Policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(text).not.toMatch(/<script|style=|\son\w+=/)
  })

  it('has one heading, a main landmark, a title and the icon', async () => {
    const { text } = await open()
    for (const part of [
      /<h1>/g,
      /<main>/g,
      /<title>[^<]+<\/title>/g,
      /<link rel="icon" href="\/favicon.svg"/g,
    ])
      expect([...text.matchAll(part)], String(part)).toHaveLength(1)
  })

  it('is not kept', async () => {
    expect((await open()).headers.get('Cache-Control')).toContain('no-store')
  })
})

describe('the icon', () => {
  it.each([
    ['/favicon.svg', 'image/svg+xml'],
    ['/favicon.ico', 'image/vnd.microsoft.icon'],
  ])('at %s is small and may be kept', async (path, type) => {
    const { status, text, headers } = await call(null, 'GET', path)
    expect([status, headers.get('Content-Type')]).toEqual([200, type])
    expect(headers.get('Cache-Control')).toBe('public, max-age=86400')
    expect(text.length).toBeGreaterThan(100)
    expect(text.length).toBeLessThan(1000)
  })

  it('is that of the reference too', async () => {
    expect((await call(null, 'GET', '/docs')).text).toContain('<link rel="icon" href="/favicon.svg"')
  })
})
