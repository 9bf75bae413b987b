import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { WORKBOOK_TYPE } from '../../src/exports/files.ts'
import { call, codeOf, type Reply } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { letPass } from '../support/clock.ts'
import { objectsOf, readExport, sendExportOf } from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

describe('a download', () => {
  it('has the headers of a private attachment', async () => {
    const { link } = await sendExportOf(world.marc, background, { title: 'Año "2027" — plan/1' })
    const reply = await call(null, 'GET', link)
    expect(reply.status).toBe(200)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': WORKBOOK_TYPE,
      'content-disposition': `attachment; filename="ano-2027-plan-1.xlsx"; filename*=UTF-8''A%C3%B1o%202027%20%E2%80%94%20plan%201.xlsx`,
      'accept-ranges': 'bytes',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    })
  })

  it('of its HEAD alone is empty, with the same ETag', async () => {
    const { link } = await sendExportOf(world.marc, background)
    const { headers } = await call(null, 'GET', link)
    const head = await call(null, 'HEAD', link)
    expect([head.status, head.text, head.headers.get('ETag')]).toEqual([200, '', headers.get('ETag')])
  })
})

describe('a range', () => {
  let size: number
  let range: (header: string, more?: Record<string, string>) => Promise<Reply>

  beforeEach(async () => {
    const asked = await sendExportOf(world.marc, background)
    size = (await readExport(asked)).files[0]?.bytes ?? 0
    range = (header, more) => call(null, 'GET', asked.link, { headers: { Range: header, ...more } })
  })

  const contentRange = ({ headers }: Reply) => headers.get('Content-Range')

  it('from the beginning is a 206 with those bytes', async () => {
    const reply = await range('bytes=0-1')
    expect([reply.status, reply.text]).toEqual([206, 'PK'])
    expect(contentRange(reply)).toBe(`bytes 0-1/${size}`)
  })

  it('of the last bytes counts from the end', async () => {
    expect(contentRange(await range('bytes=-10'))).toBe(`bytes ${size - 10}-${size - 1}/${size}`)
  })

  it('beyond the end is a 416 that tells the size', async () => {
    const reply = await range(`bytes=${size}-`)
    expect([reply.status, contentRange(reply)]).toEqual([416, `bytes */${size}`])
  })

  it.each(['bytes=5-1', 'lines=0-1', 'bytes=0-1,4-5', 'bytes=-'])(
    'that is none the service knows, %s, is answered with the whole',
    async (header) => {
      expect((await range(header)).status).toBe(200)
    },
  )

  it('of another file than If-Range names is answered with the whole', async () => {
    expect((await range('bytes=0-1', { 'If-Range': '"other"' })).status).toBe(200)
  })

  it('of the very file that If-Range names is a 206', async () => {
    const etag = (await range('bytes=0-1')).headers.get('ETag') ?? ''
    expect((await range('bytes=0-1', { 'If-Range': etag })).status).toBe(206)
  })
})

describe('a link', () => {
  it.each<[string, (link: string, path: string, query: string) => string]>([
    ['a digit more', (link) => `${link}0`],
    ['another parameter', (link) => `${link}&x=1`],
    ['a parameter twice', (link) => `${link}&kid=k2`],
    ['no query', (_, path) => path],
    [
      'its parameters in another order',
      (_, path, query) => `${path}?${query.split('&').reverse().join('&')}`,
    ],
  ])('with %s is a 403', async (_, change) => {
    const { link } = await sendExportOf(world.marc, background)
    const [path = '', query = ''] = link.split('?')
    const reply = await call(null, 'GET', change(link, path, query))
    expect([reply.status, codeOf(reply)]).toEqual([403, 'LINK_REFUSED'])
  })

  it.each([
    ['text/html,*/*', 'text/html; charset=utf-8'],
    ['application/json, TEXT/HTML; charset=utf-8', 'text/html; charset=utf-8'],
    ['*/*', 'application/problem+json'],
    ['application/json, text/html;q=0', 'application/problem+json'],
  ])('that is refused is told who accepts %s as %s', async (accept, type) => {
    const { link } = await sendExportOf(world.marc, background)
    const reply = await call(null, 'GET', `${link}0`, { headers: { Accept: accept } })
    expect([reply.status, reply.headers.get('Content-Type')]).toEqual([403, type])
  })

  it('to a file that is gone is a 410', async () => {
    const asked = await sendExportOf(world.marc, background)
    await env.FILES.delete((await objectsOf(asked)).map(({ key }) => key))
    const reply = await call(null, 'GET', asked.link)
    expect([reply.status, codeOf(reply)]).toEqual([410, 'FILE_GONE'])
  })

  it('that has expired is a 410', async () => {
    const { link } = await sendExportOf(world.marc, background)
    letPass((Number(env.EXPORT_LINK_TTL_SECONDS) + 1) * 1000)
    const reply = await call(null, 'GET', link)
    expect([reply.status, codeOf(reply)]).toEqual([410, 'LINK_EXPIRED'])
  })
})
