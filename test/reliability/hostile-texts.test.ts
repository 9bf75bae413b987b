/**
 * A refusal costs time linear in its bytes: no member or parameter makes the worker normalise, or list errors for,
 * more than its limit allows. Counted, not timed; `npm run bench -- refusals` has the times.
 */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import { createEstate } from '../access/estate.ts'
import { call, PLANS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createWorld, openSession, type World } from '../support/world.ts'
import { type Document, type Operation, readDocument } from './fuzz/document.ts'
import { bodyWith, memberPaths } from './fuzz/hostile.ts'
import { HOSTILE_BODY_VALUES, HOSTILE_PARAMETERS } from './fuzz/hostile-values.ts'

/** The contract: code points of a title and of a description, and how many of each may be sent, blanks included. */
const [LONGEST_TITLE, LONGEST_DESCRIPTION] = [200, 5000]
const mostAsSent = (longest: number) => 2 * longest + 100
const MOST_COMBINING_MARKS = 30

/** The longest lawful text as sent, in units of UTF-16. */
const MOST_UNITS_NORMALISED = 2 * mostAsSent(LONGEST_DESCRIPTION)
const MOST_ERRORS = 500

let document: Document
let world: World
let ids: Record<string, string>

beforeAll(async () => {
  document = await readDocument()
})

beforeEach(async () => {
  catchBackground()
  world = await createWorld()
  const estate = await createEstate(world.ana, world.marc, 'own')
  ids = {
    planId: estate.plan,
    id: estate.action,
    noteId: estate.note,
    hierarchyId: estate.hierarchy,
    userId: estate.user,
    exportId: estate.export,
    file: 'plan.xlsx',
  }
})

/** Sends it as an ADMIN and answers the status, with what it took. */
async function ask(
  { method, path }: Operation,
  suffix: string,
  options: { body?: unknown; headers?: Record<string, string> },
) {
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'x')
  const session = await openSession(world.ana)
  let normalised = 0
  const original = String.prototype.normalize
  vi.spyOn(String.prototype, 'normalize').mockImplementation(function (this: string, form?: string) {
    normalised += this.length
    return original.call(this, form)
  })
  const reply = await call(session, method, `${address}${suffix}`, options)
  vi.mocked(String.prototype.normalize).mockRestore()
  // Every 400 has errors.
  const errors = (reply.body.errors as unknown[] | undefined) ?? []
  return { status: reply.status, normalised, errors: errors.length, bytes: reply.text.length }
}

function expectBounded(
  { status, normalised, errors, bytes }: Awaited<ReturnType<typeof ask>>,
  what: string,
): void {
  expect(status, what).toBeLessThan(500)
  expect(normalised, what).toBeLessThanOrEqual(MOST_UNITS_NORMALISED)
  expect(errors, what).toBeLessThanOrEqual(MOST_ERRORS)
  if (status >= 400) expect(bytes, what).toBeLessThan(100_000)
}

describe.each(endpoints.map(({ operationId }) => operationId))('%s', (operationId) => {
  it('takes no more work for a hostile text than for a plain one', { timeout: 120_000 }, async () => {
    const operation = document.operations.find((one) => one.operationId === operationId)
    if (!operation) expect.fail('not in the document')
    for (const path of memberPaths(operation, document)) {
      for (const [kind, value] of Object.entries(HOSTILE_BODY_VALUES)) {
        const what = `${path.join('.')}: ${kind}`
        expectBounded(await ask(operation, '', { body: bodyWith(path, value) }), what)
      }
    }
    for (const { name, in: place } of operation.parameters) {
      for (const [kind, value] of Object.entries(HOSTILE_PARAMETERS)) {
        const what = `${place} ${name}: ${kind}`
        if (place === 'query') {
          expectBounded(await ask(operation, `?${name}=${encodeURIComponent(value)}`, {}), what)
        } else if (place === 'header' && !/[^\x20-\x7e]/.test(value)) {
          expectBounded(await ask(operation, '', { headers: { [name]: value } }), what)
        }
      }
    }
  })
})

describe('a title', () => {
  it.each([
    ['as many combining marks in a row as allowed', 200, `a${'\u0301'.repeat(MOST_COMBINING_MARKS)}`],
    ['one combining mark too many in a row', 400, `a${'\u0301'.repeat(MOST_COMBINING_MARKS + 1)}`],
    ['as many blanks as may be sent', 200, 'a'.padEnd(mostAsSent(LONGEST_TITLE))],
    ['one blank more than may be sent', 400, 'a'.padEnd(mostAsSent(LONGEST_TITLE) + 1)],
  ])('with %s is answered %i', async (_, status, title) => {
    expect((await call(world.ana, 'POST', PLANS, { body: { title } })).status).toBe(status)
  })
})
