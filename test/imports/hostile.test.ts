/** Hostile files are a 400 within bounded memory; what only looks odd is read. */
import { beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/platform/limits.ts'
import { codeOf } from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { createWorld, type World } from '../support/world.ts'
import { HOSTILE, workbookWith } from './hostile.ts'
import { importLines, importWorkbook } from './support.ts'

const MIB = 1024 * 1024
let world: World
beforeAll(async () => {
  world = await createWorld()
})

it('a workbook that is not hostile imports', async () => {
  const reply = await importWorkbook(world.marc, await workbookWith())
  expect(reply.body).toEqual({ plans: 1, actions: 1, created: 2, unchanged: 0, errors: [] })
})

describe('a workbook is refused that is or has', () => {
  it.each(HOSTILE)('%s', async (_, make, message) => {
    const file = await make()
    expect(file.byteLength).toBeLessThan(LIMITS.bytesPerImport.most)
    const before = await dumpDatabase()
    const reply = await importWorkbook(world.marc, file, { dryRun: false })
    expect([reply.status, codeOf(reply)], reply.text).toEqual([400, 'FILE_REFUSED'])
    expect((reply.body as unknown as { detail: string }).detail).toMatch(message)
    expect(await dumpDatabase()).toEqual(before)
  })
})

describe('NDJSON is refused that', () => {
  it.each<[string, string, number, string]>([
    ['has 2,001 plans', '{"externalId":"p","title":"P"}\n'.repeat(2001), 400, 'FILE_REFUSED'],
    ['has two million lines', '{\n'.repeat(2 * MIB), 400, 'FILE_REFUSED'],
    ['is larger than 5 MiB', ' '.repeat(LIMITS.bytesPerImport.most + 1), 413, 'BODY_TOO_LARGE'],
  ])('%s', async (_, text, status, code) => {
    const reply = await importLines(world.marc, text)
    expect([reply.status, codeOf(reply)]).toEqual([status, code])
  })

  it('is no UTF-8', async () => {
    const reply = await importWorkbook(world.marc, new Uint8Array([0xff, 0xfe]), {
      headers: { 'Content-Type': 'application/x-ndjson' },
    })
    expect([reply.status, codeOf(reply)]).toEqual([400, 'FILE_REFUSED'])
  })
})

describe('NDJSON has errors, and no more than 1,000 of them, that', () => {
  it.each([
    ['is a heap of brackets', '['.repeat(4 * MIB)],
    ['is deep', `{"externalId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['is many broken lines', '{\n'.repeat(2000)],
    [
      'has many unknown members',
      `{"externalId":"p","title":"P",${Array.from({ length: 100_000 }, (_x, index) => `"m${index}":1`).join()}}`,
    ],
    ['has prototypes', '{"__proto__":{"externalId":"p"},"constructor":1}'],
    ['has a long text', JSON.stringify({ externalId: 'p', title: 'x'.repeat(4 * MIB) })],
    [
      'has marks that are slow to normalise',
      JSON.stringify({ externalId: 'p', title: `a${'\u0300\u0316'.repeat(500_000)}` }),
    ],
  ])('%s', async (_, text) => {
    const reply = await importLines(world.marc, text)
    expect([reply.status, codeOf(reply)]).toEqual([200, undefined])
    expect(reply.body.errors.length).toBeGreaterThan(0)
    expect(reply.body.errors.length).toBeLessThanOrEqual(1000)
  })
})

it('another media type is refused, and a content coding', async () => {
  for (const headers of [
    { 'Content-Type': 'application/json' },
    { 'Content-Type': 'text/csv' },
    { 'Content-Encoding': 'gzip' },
  ]) {
    const reply = await importLines(world.marc, '', { headers })
    expect([reply.status, codeOf(reply)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  }
})
