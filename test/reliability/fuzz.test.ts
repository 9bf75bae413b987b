import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import { createEstate, type Estate } from '../access/estate.ts'
import { call, type Reply } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createPerson, createWorld, openSession, type Person, type World } from '../support/world.ts'
import { deviations, type Document, type Operation, readDocument } from './fuzz/document.ts'
import { type FuzzedRequest, ID_MARKS, requestsTo } from './fuzz/requests.ts'

const IS_LONG = env.TEST_LENGTH === 'long'
const RUNS = IS_LONG ? 500 : 25
/** After so many requests the world has been renamed, moved and deleted enough, and a new one is made. */
const REQUESTS_PER_WORLD = 25

/** What the insides of the service are called, none of which an answer may hold. */
const INSIDES =
  /SQLITE|D1_|constraint failed|\bSELECT\b|INSERT INTO|write_guards|\bat \S+ \(|\.ts:\d|node_modules|TypeError|drizzle|env\.|SIGN_IN_MAIL|ADDRESS_REQUESTS|LINK_SIGNING_KEY/

let document: Document

beforeAll(async () => {
  document = await readDocument()
})

beforeEach(() => {
  catchBackground()
})

interface Scene {
  callers: (Person | string | null)[]
  ids: Record<string, string>
}

async function newScene(): Promise<Scene> {
  const world: World = await createWorld()
  const user = await createPerson(world.companyId, 'MANAGER')
  const own: Estate = await createEstate(world.ana, user, 'fuzzed')
  const callers = [world.ana, world.marc, world.eli, world.gus, null, 'x'.repeat(43)]
  const ids = Object.entries({ ...own, colleague: world.marc.id, foreign: world.gus.id }).map(
    ([kind, id]) => [`{${kind}}`, id],
  )
  return { callers, ids: Object.fromEntries(ids) as Record<string, string> }
}

/** An answer of this operation, with the marks of ids replaced by ids of the scene. */
async function send({ method }: Operation, request: FuzzedRequest, scene: Scene): Promise<Reply> {
  const insert = (text: string) =>
    ID_MARKS.reduce((result, mark) => result.replaceAll(mark, scene.ids[mark] ?? ''), text)
  const who = scene.callers[request.caller] ?? null
  const isLeaving = method === 'DELETE' && request.path.startsWith('/api/v1/sessions')
  const body = request.body === undefined || method === 'GET' ? undefined : insert(request.body)
  return call(
    isLeaving && who !== null && typeof who !== 'string' ? await openSession(who) : who,
    method,
    insert(request.path),
    {
      body,
      headers: request.headers,
    },
  )
}

it('the document names every endpoint', () => {
  const documented = document.operations.map(({ operationId }) => operationId).sort()
  expect(documented).toEqual(endpoints.map(({ operationId }) => operationId).sort())
})

// Nothing that can be generated is a genuine link or code, or the name of a file.
const NEVER_WELL = [
  'downloadFile',
  'requestLinkMail',
  'askToSwitchRemindersOff',
  'switchRemindersOff',
  'signIn',
  'createExportLinks',
  'getDocsFile',
]

describe.each(endpoints.map(({ operationId }) => operationId))('%s', (operationId) => {
  it('answers every request as documented, and never with a 5xx', { timeout: 300_000 }, async () => {
    const operation = document.operations.find((one) => one.operationId === operationId)
    if (!operation) expect.fail('not in the document')
    let scene: Scene | undefined
    let sent = 0
    const statuses = new Map<number, number>()
    const property = fc.asyncProperty(requestsTo(operation, document, 6), async (request) => {
      if (!scene || sent % REQUESTS_PER_WORLD === 0) scene = await newScene()
      sent += 1
      const reply = await send(operation, request, scene)
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
      expect(reply.status, reply.text).toBeLessThan(500)
      expect(deviations(operation, reply, document)).toEqual([])
      expect(reply.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(reply.headers.get('X-Content-Type-Options')).toBe('nosniff')
      if (reply.status >= 400) expect(reply.text).not.toMatch(INSIDES)
      if (reply.status === 400) expect(reply.body.errors, reply.text).not.toEqual([])
    })
    await fc.assert(property, { numRuns: RUNS })
    const well = [...statuses.keys()].filter((status) => status < 300)
    if (IS_LONG && !NEVER_WELL.includes(operationId))
      expect(well, 'the generator never succeeds').not.toEqual([])
  })
})
