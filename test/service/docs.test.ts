import { describe, expect, it } from 'vitest'
import { call } from '../support/api.ts'

describe('/docs', () => {
  it('loads nothing from elsewhere', async () => {
    const page = await call(null, 'GET', '/docs')
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('Content-Security-Policy')).not.toMatch(/unsafe|https?:/)
    expect(page.text).not.toMatch(/(src|href)="https?:/)
  })

  it('loads files that are there and that no cache keeps', async () => {
    const page = await call(null, 'GET', '/docs')
    const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, file]) => file ?? '')
    expect(files).not.toEqual([])
    for (const file of files) {
      const { status, headers } = await call(null, 'GET', file)
      expect([status, headers.get('Cache-Control')], file).toEqual([200, 'no-store, no-transform'])
    }
  })

  it.each([
    ['swagger-ui.css', 'text/css'],
    ['swagger-ui-bundle.js', 'text/javascript'],
    ['reference.css', 'text/css'],
    ['init.js', 'text/javascript'],
  ])('gives %s as %s', async (file, mediaType) => {
    const { headers } = await call(null, 'GET', `/docs/${file}`)
    expect(headers.get('Content-Type')).toBe(`${mediaType}; charset=utf-8`)
  })

  it.each(['constructor', '__proto__'])('has no file called %s', async (file) => {
    expect((await call(null, 'GET', `/docs/${file}`)).status).toBe(404)
  })

  it('has no other file of the package', async () => {
    expect((await call(null, 'GET', '/docs/package.json')).status).toBe(404)
  })
})
