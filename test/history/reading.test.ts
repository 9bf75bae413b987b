import { beforeEach, describe, expect, it } from 'vitest'
import type { HistoryEntryView, HistoryPageView } from '../../src/history/schemas.ts'
import { call, codeOf, HISTORY, namedPaths, type Reply } from '../support/api.ts'
import { deleteEntries, insertAction, insertEntries, insertPlan } from '../support/factories.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

let world: World
let open: { id: string; companyId: string }
let secret: { id: string; companyId: string }

const FEED = `${HISTORY}/feed`

beforeEach(async () => {
  world = await createWorld()
  const { companyId, marc } = world
  open = await insertPlan({ companyId, createdBy: marc.id, visibility: 'PUBLIC' })
  secret = await insertPlan({ companyId, createdBy: marc.id, visibility: 'PRIVATE' })
})

async function ask(who: Person, path: string): Promise<Reply<HistoryPageView>> {
  return call<HistoryPageView>(who, 'GET', path)
}

async function page(who: Person, query = '', path = HISTORY): Promise<HistoryPageView> {
  const reply = await ask(who, query === '' ? path : `${path}?${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

const titles = ({ entries }: { entries: readonly HistoryEntryView[] }) =>
  entries.map(({ title, type }) => (type === 'access.changed' ? '*' : title))

/** Entries about plans, with these titles. */
async function happen(plan: { id: string }, ...list: (string | Record<string, unknown>)[]) {
  const { companyId } = world
  const fields = { companyId, planId: plan.id, type: 'plan.updated' as const, actorId: world.marc.id }
  return insertEntries(
    list.map((each) => ({ ...fields, ...(typeof each === 'string' ? { title: each } : each) })),
  )
}

/** All pages of the history from the newest on. */
async function allPages(who: Person, query: string): Promise<HistoryPageView[]> {
  const pages = [await page(who, query)]
  for (let last = pages[0]; last?.more; last = pages.at(-1)) {
    pages.push(await page(who, `${query}&before=${last.cursor}`))
  }
  return pages
}

describe('the history', () => {
  it('shows entries newest first, with people named as of now', async () => {
    const action = await insertAction({ plan: open, createdBy: world.marc.id })
    const changes = { title: { before: 'Old', after: 'New' } }
    const [first, second] = await happen(
      open,
      { title: 'Old', actorId: null, via: 'CLOCK', type: 'action.expired', actionId: action.id, at: 5000 },
      { title: 'New', changes: JSON.stringify(changes), at: 6000 },
    )
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.marc.id}`, { body: { name: 'Marcos' } })
    expect((await page(world.noa)).entries).toEqual([
      {
        ...{ id: second?.id, at: new Date(6000).toISOString(), via: 'SESSION', type: 'plan.updated' },
        ...{ actor: { userId: world.marc.id, name: 'Marcos' }, title: 'New', changes },
        ...{ planId: open.id, actionId: null },
      },
      {
        ...{ id: first?.id, at: new Date(5000).toISOString(), via: 'CLOCK', type: 'action.expired' },
        ...{ actor: null, planId: open.id, actionId: action.id, title: 'Old', changes: {} },
      },
    ])
  })

  it('shows nothing of what the caller may not read, nor to another company', async () => {
    await happen(open, 'a')
    await happen(secret, 'b')
    expect(titles(await page(world.marc))).toEqual(['b', 'a'])
    expect(titles(await page(world.noa))).toEqual(['a'])
    expect(titles(await page(world.ana))).toEqual(['a'])
    expect(await page(world.gus)).toMatchObject({ entries: [], more: false })
  })

  it('is for company managers', async () => {
    for (const path of [HISTORY, FEED]) {
      expect((await ask(world.eli, path)).status).toBe(403)
      expect((await call(null, 'GET', path)).status).toBe(401)
    }
  })

  it('of a deleted plan stays with who could read it', async () => {
    const gone = { id: 'a'.repeat(24) }
    await happen(gone, 'was', { title: 'gone', type: 'plan.deleted', readers: `${world.noa.id} ` })
    await happen({ id: 'b'.repeat(24) }, { title: 'all', type: 'plan.deleted', readers: '*' })
    expect(titles(await page(world.noa))).toEqual(['all', 'gone', 'was'])
    expect(titles(await page(world.marc))).toEqual(['all'])
  })

  it('shows a change of access beside its entry to those who read both', async () => {
    const told = `${world.noa.id} ${world.marc.id} `
    const [entry] = await happen(secret, { title: 'x', readers: told })
    const mine = await page(world.marc)
    expect(titles(mine)).toEqual(['*', 'x'])
    const digit = parseInt(entry?.id.slice(-1) ?? '', 16) ^ 1
    expect(mine.entries[0]).toEqual({
      ...mine.entries[1],
      ...{ id: `${entry?.id.slice(0, -1) ?? ''}${digit.toString(16)}`, type: 'access.changed', title: '' },
      changes: {},
    })
    expect(titles(await page(world.noa))).toEqual([])
    expect(titles(await page(world.ana))).toEqual([])
  })

  it('goes on from a cursor to older ones, also between an entry and its change of access', async () => {
    await happen(secret, ...['a', 'b', 'c', 'd'].map((title) => ({ title, readers: `${world.marc.id} ` })))
    for (const limit of [1, 2, 3, 8]) {
      const pages = await allPages(world.marc, `limit=${limit}`)
      expect(pages.flatMap(titles).join('')).toBe('*d*c*b*a')
    }
    expect((await page(world.marc, 'limit=8')).more).toBe(false)
    expect(await page(world.marc, `before=${(await page(world.marc)).cursor}`)).toMatchObject({
      entries: [],
      more: false,
    })
  })

  it('takes a limit from 1 to 100, and 50 without one', async () => {
    await happen(open, ...Array.from({ length: 120 }, (_, index) => String(index)))
    expect((await page(world.noa)).entries).toHaveLength(50)
    expect((await page(world.noa, 'limit=100')).entries).toHaveLength(100)
    for (const limit of ['0', '101', '-1', '1.5', 'x', '']) {
      const reply = await ask(world.noa, `${HISTORY}?limit=${limit}`)
      expect([reply.status, namedPaths(reply)]).toEqual([400, ['limit']])
    }
  })

  it('cursors stay good when the newest entries are others, and tell nothing by being alike', async () => {
    await happen(open, 'a', 'b', 'c')
    const first = await page(world.noa, 'limit=2')
    expect((await page(world.noa, 'limit=2')).cursor).not.toBe(first.cursor)
    await happen(open, 'd', 'e')
    expect(titles(await page(world.noa, `before=${first.cursor}`))).toEqual(['a'])
  })

  it('refuses a cursor that is malformed, changed or another`s, and names the parameter', async () => {
    await happen(open, 'a', 'b')
    const { cursor } = await page(world.noa, 'limit=1')
    const foreign = (await page(world.marc, 'limit=1')).cursor
    const last = cursor.endsWith('A') ? 'B' : 'A'
    for (const bad of [
      '',
      'x',
      foreign,
      cursor.slice(0, -1) + last,
      `${cursor}A`,
      `${cursor.slice(0, -1)}=`,
    ]) {
      for (const [path, name] of [
        [HISTORY, 'before'],
        [FEED, 'after'],
      ] as const) {
        const reply = await ask(world.noa, `${path}?${name}=${encodeURIComponent(bad)}`)
        expect([reply.status, codeOf(reply), namedPaths(reply)]).toEqual([400, 'VALIDATION_FAILED', [name]])
      }
    }
    expect((await ask(world.eli, `${HISTORY}?before=${foreign}`)).status).toBe(403)
  })

  it('leaves out what is no longer kept', async () => {
    await happen(open, 'a', 'b', 'c')
    const { cursor } = await page(world.noa, 'limit=1')
    await deleteEntries(world.companyId, 2)
    expect(await page(world.noa, `before=${cursor}`)).toMatchObject({ entries: [], more: false })
    expect(titles(await page(world.noa))).toEqual(['c'])
  })
})

describe('a filter on the history', () => {
  it('by plan, action, actor or type leaves those', async () => {
    const action = await insertAction({ plan: open, createdBy: world.marc.id })
    await happen(open, 'a', { title: 'b', actorId: world.noa.id }, { title: 'c', type: 'plan.created' })
    await happen(
      open,
      { title: 'd', type: 'action.created', actionId: action.id },
      { title: 'e', actorId: null },
    )
    await happen(secret, { title: 'f', readers: '*' })
    const of = async (query: string) => titles(await page(world.marc, query)).join('')
    expect(await of(`planId=${open.id}`)).toBe('edcba')
    expect(await of(`planId=${secret.id}`)).toBe('*f')
    expect(await of(`actionId=${action.id}`)).toBe('d')
    expect(await of(`actorId=${world.noa.id}`)).toBe('b')
    expect(await of('type=plan.created')).toBe('c')
    expect(await of('type=access.changed')).toBe('*')
    expect(await of(`planId=${open.id}&actionId=${action.id}`)).toBe('d')
    expect(await of(`planId=${secret.id}&actionId=${action.id}`)).toBe('')
    expect(await of(`planId=${open.id}&actorId=${world.marc.id}&type=plan.updated`)).toBe('a')
    expect(await of(`planId=${'0'.repeat(24)}`)).toBe('')
  })

  it('by time takes instants, and dates in the company`s time zone', async () => {
    // Midnight in Madrid is 22:00 UTC the day before.
    const at = (time: string) => ({ title: time.slice(8, 13), at: Date.parse(time) })
    await happen(open, at('2026-06-09T21:59:59.999Z'), at('2026-06-09T22:00:00Z'), at('2026-06-10T22:00:00Z'))
    const of = async (query: string) => titles(await page(world.noa, query))
    expect(await of('since=2026-06-10')).toEqual(['10T22', '09T22'])
    expect(await of('until=2026-06-10')).toEqual(['09T21'])
    expect(await of('since=2026-06-10&until=2026-06-11')).toEqual(['09T22'])
    expect(await of('since=2026-06-09T21:59:59.999Z&until=2026-06-09T22:00:00Z')).toEqual(['09T21'])
  })

  it('since any time leaves out nothing, though numbers and clocks may differ by minutes', async () => {
    const minute = 60_000
    // Every third is written down four minutes early; each tenth happened long before.
    const times = Array.from({ length: 60 }, (_, index) => {
      const recordedAt = (1000 + index * 2 - (index % 3 === 0 ? 4 : 0)) * minute
      return { recordedAt, at: index % 10 === 5 ? recordedAt - 50 * minute : recordedAt }
    })
    await happen(open, ...times.map((each, index) => ({ ...each, title: String(index) })))
    await deleteEntries(world.companyId, 7)
    for (let since = 940; since < 1130; since += 3) {
      const expected = times.flatMap(({ at }, index) =>
        index > 6 && at >= since * minute ? [String(index)] : [],
      )
      const query = `since=${new Date(since * minute).toISOString()}&limit=100`
      expect(titles(await page(world.noa, query))).toEqual(expected.reverse())
    }
  })

  it.each([
    ['planId=x', ['planId']],
    ['actionId=x&actorId=X', ['actionId', 'actorId']],
    ['type=plan.renamed', ['type']],
    ['since=yesterday', ['since']],
    ['since=2026-06-11&until=2026-06-10', ['since']],
    ['since=2026-06-10T12:00:00Z&until=2026-06-10', ['since']],
    ['after=x', ['after']],
  ])('%s is a 400 that names it', async (query, names) => {
    const reply = await ask(world.noa, `${HISTORY}?${query}`)
    expect([reply.status, namedPaths(reply)]).toEqual([400, names])
  })

  it('on a thing or person of another company matches nothing', async () => {
    const fields = { companyId: world.gus.companyId, visibility: 'PUBLIC' as const }
    const other = await insertPlan({ ...fields, createdBy: world.gus.id })
    const action = await insertAction({ plan: other, createdBy: world.gus.id })
    const { companyId, id } = world.gus
    const entry = {
      companyId,
      actorId: id,
      planId: other.id,
      actionId: action.id,
      type: 'action.created' as const,
    }
    await insertEntries([entry])
    // So that a foreign entry would have a number that there is at home.
    await happen(open, 'a', 'b')
    for (const query of [`planId=${other.id}`, `actionId=${action.id}`, `actorId=${id}`]) {
      expect(titles(await page(world.gus, query))).toHaveLength(1)
      expect(await page(world.ana, query)).toMatchObject({ entries: [], more: false })
    }
  })
})

describe('the feed', () => {
  const feed = (who: Person, after: string, query = '') => page(who, `after=${after}${query}`, FEED)

  it('starts now, and goes on oldest first', async () => {
    await happen(open, 'before')
    const start = await page(world.noa, '', FEED)
    expect(start).toMatchObject({ entries: [], more: false })
    expect(await feed(world.noa, start.cursor)).toMatchObject({ entries: [], more: false })
    await happen(open, 'a', 'b')
    await happen(secret, 'hidden')
    await happen(open, 'c')
    const all = await feed(world.noa, start.cursor)
    expect([titles(all), all.more]).toEqual([['a', 'b', 'c'], false])
    const first = await feed(world.noa, start.cursor, '&limit=1')
    expect([titles(first), first.more]).toEqual([['a'], true])
    expect(titles(await feed(world.noa, first.cursor))).toEqual(['b', 'c'])
    expect(await feed(world.noa, all.cursor)).toMatchObject({ entries: [], more: false })
  })

  it('tells of a change of access those who lost it too', async () => {
    const { cursor } = await page(world.noa, '', FEED)
    const mine = (await page(world.marc, '', FEED)).cursor
    const hers = (await page(world.ana, '', FEED)).cursor
    await happen(secret, { title: 'x', readers: `${world.noa.id} ${world.marc.id} ` }, 'y')
    expect(titles(await feed(world.noa, cursor))).toEqual(['*'])
    expect(titles(await feed(world.ana, hers))).toEqual([])
    for (const limit of [1, 2, 3]) {
      const all: string[] = []
      for (let [next, more] = [mine, true]; more;) {
        const read = await feed(world.marc, next, `&limit=${limit}`)
        all.push(...titles(read))
        ;[next, more] = [read.cursor, read.more]
      }
      expect(all.join('')).toBe('x*y')
    }
  })

  it('says that what came after a cursor is no longer kept', async () => {
    const { cursor } = await page(world.noa, '', FEED)
    await happen(open, 'a', 'b', 'c')
    const second = (await feed(world.noa, cursor, '&limit=1')).cursor
    await deleteEntries(world.companyId, 1)
    const reply = await ask(world.noa, `${FEED}?after=${cursor}`)
    expect([reply.status, codeOf(reply)]).toEqual([410, 'CURSOR_GONE'])
    expect(titles(await feed(world.noa, second))).toEqual(['b', 'c'])
  })

  it('says so too if the change of access that comes next is no longer kept', async () => {
    const { cursor } = await page(world.noa, '', FEED)
    await happen(open, { title: 'a', readers: '*' }, 'b')
    const between = (await feed(world.noa, cursor, '&limit=1')).cursor
    expect(titles(await feed(world.noa, between))).toEqual(['*', 'b'])
    await deleteEntries(world.companyId, 1)
    expect((await ask(world.noa, `${FEED}?after=${between}`)).status).toBe(410)
  })

  it('takes no filters', async () => {
    const reply = await ask(world.noa, `${FEED}?planId=${open.id}`)
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['planId']])
  })

  it('goes on for a person who is new only with a cursor of that person', async () => {
    const { cursor } = await page(world.noa, '', FEED)
    const other = await createPerson(world.companyId, 'MANAGER')
    expect((await ask(other, `${FEED}?after=${cursor}`)).status).toBe(400)
  })
})
