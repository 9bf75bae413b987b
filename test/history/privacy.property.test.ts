/**
 * After any history, everyone sees of it what a model on its own says, entry by entry, a program that follows the feed,
 * stopping and going on at random, gets just the model's entries, each once, and webhooks are sent what it says.
 */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HistoryEntryView, HistoryPageView } from '../../src/history/schemas.ts'
import { HISTORY_TYPES } from '../../src/db/enums.ts'
import { call, HISTORY } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { insertWebhook } from '../support/factories.ts'
import { act, BEGINNING, carryOut, type Cast } from '../support/history-acts.ts'
import { HistoryModel, type Seen, type SeenFilter } from '../support/history-model.ts'
import { createWebhook, deliverWebhook, deliverWebhooks } from '../support/webhooks.ts'
import { createPerson, createWorld, type Person } from '../support/world.ts'

const IS_LONG = env.TEST_LENGTH === 'long'

const limit = fc.integer({ min: 1, max: 7 })
const look = fc.record({
  limit,
  /** Who of the five reads how many pages of the feed now. */
  follows: fc.array(fc.record({ who: fc.nat(4), pages: fc.integer({ min: 1, max: 3 }), limit }), {
    maxLength: 3,
  }),
  filter: fc.record({
    by: fc.constantFrom('planId', 'actionId', 'actorId', 'type', 'planId and type'),
    n: fc.nat(20),
    type: fc.constantFrom(...HISTORY_TYPES),
  }),
})
const story = fc.array(fc.tuple(act, look), { minLength: 10, maxLength: 30 })

/** A program's place in the feed, and the same in the model. */
interface Follower {
  cursor: string
  place: number
}

/** What a webhook is sent. */
interface Sent extends Pick<Seen, 'type' | 'planId' | 'actionId'> {
  historyId: string
}

const addressOf = ({ id }: Person) => `https://${id}.example.com/`

/** Delivers all that there is by now; what each address was sent. */
async function deliverAll(background: Background, companyId: string): Promise<Map<string, Sent[]>> {
  await deliverWebhook({ companyId })
  await deliverWebhooks(background)
  const sent = new Map<string, Sent[]>()
  for (const { url, body } of background.received.splice(0)) {
    // The shape that test/webhooks/delivering.test.ts holds bodies to.
    const { type, data } = JSON.parse(body) as { type: Seen['type']; data: Omit<Sent, 'type'> }
    const { historyId, planId, actionId } = data
    sent.set(url, [...(sent.get(url) ?? []), { type, planId, actionId, historyId }])
  }
  return sent
}

/** In any order, since webhooks promise none. */
const asSet = (events: readonly Pick<Sent, 'type' | 'planId' | 'actionId'>[]) =>
  events.map(({ type, planId, actionId }) => `${type} ${planId} ${actionId ?? ''}`).sort()

async function read(who: Person, path: string): Promise<HistoryPageView> {
  const reply = await call<HistoryPageView>(who, 'GET', path)
  expect(reply.status, `${path}: ${reply.text}`).toBe(200)
  return reply.body
}

/** All pages of the history. */
async function wholeHistory(who: Person, most: number, filter: SeenFilter = {}): Promise<HistoryEntryView[]> {
  const query = new URLSearchParams({ ...given(filter), limit: String(most) })
  const entries: HistoryEntryView[] = []
  for (let more = true; more;) {
    const page = await read(who, `${HISTORY}?${query.toString()}`)
    entries.push(...page.entries)
    query.set('before', page.cursor)
    more = page.more
  }
  return entries
}

function given(filter: SeenFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

const seen = ({ type, planId, actionId, title, actor }: HistoryEntryView): Seen => ({
  ...{ type, planId, actionId, title },
  actorId: actor?.userId ?? null,
})

function filterOf(
  { by, n, type }: { by: string; n: number; type: SeenFilter['type'] },
  { log }: HistoryModel,
): SeenFilter {
  const entry = log[n % log.length]
  return {
    ...(by.startsWith('planId') ? { planId: entry?.planId } : {}),
    ...(by === 'actionId' ? { actionId: entry?.actionId ?? undefined } : {}),
    ...(by === 'actorId' ? { actorId: entry?.actorId ?? undefined } : {}),
    ...(by.endsWith('type') ? { type } : {}),
  }
}

it('everyone sees what the model says, in the history, in the feed and by webhooks', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const { companyId, ana, marc, noa, eli, gus } = await createWorld()
      const lia = await createPerson(companyId, 'MANAGER', 'Lia')
      const people = [ana, marc, noa, eli, lia]
      const cast: Cast = { people, managers: new Set([ana.id, marc.id, noa.id, lia.id]), note: null }
      const managers = () => people.filter(({ id }) => cast.managers.has(id))
      const model = new HistoryModel()
      const followers = new Map<string, Follower>()
      const follow = async (person: Person, pages: number, most: number) => {
        let follower = followers.get(person.id)
        if (!follower) {
          follower = { cursor: (await read(person, `${HISTORY}/feed`)).cursor, place: model.now }
          followers.set(person.id, follower)
        }
        for (let [left, more] = [pages, true]; left > 0 && more; left -= 1) {
          const page = await read(person, `${HISTORY}/feed?limit=${most}&after=${follower.cursor}`)
          const expected = model.feedOf(person.id, follower.place, most)
          expect([page.entries.map(seen), page.more]).toEqual([expected.entries, expected.more])
          Object.assign(follower, { cursor: page.cursor, place: expected.next })
          more = page.more
        }
      }
      for (const person of managers()) await follow(person, 1, 1)
      const background = catchBackground()
      for (const person of managers()) await createWebhook(person, { url: addressOf(person) })
      // An EMPLOYEE cannot make one, but may have one from before.
      await insertWebhook({ companyId, userId: eli.id, url: addressOf(eli) })
      for (const next of BEGINNING) await carryOut(next, model, cast)
      await deliverAll(background, companyId)
      expect(model.log).toHaveLength(BEGINNING.length)
      for (const [next, { limit: most, follows, filter }] of steps) {
        const place = model.now
        await carryOut(next, model, cast)
        const sent = await deliverAll(background, companyId)
        for (const person of people) {
          const isManager = cast.managers.has(person.id)
          const expected = isManager ? model.feedOf(person.id, place, Infinity).entries : []
          expect(asSet(sent.get(addressOf(person)) ?? []), next.kind).toEqual(asSet(expected))
        }
        const ids = new Map<string, string>()
        for (const person of managers()) {
          const entries = await wholeHistory(person, most * 10)
          expect(entries.map(seen), next.kind).toEqual(model.historyOf(person.id))
          // One id for one entry, whoever reads it.
          const shown = new Set(entries.map(({ id }) => id))
          expect(shown.size).toBe(entries.length)
          for (const entry of entries) {
            const text = JSON.stringify(entry)
            expect(ids.get(entry.id) ?? text).toBe(text)
            ids.set(entry.id, text)
          }
          for (const { type, historyId } of sent.get(addressOf(person)) ?? [])
            if (type !== 'access.changed') expect(shown.has(historyId), next.kind).toBe(true)
        }
        for (const { who, pages, limit: few } of follows) {
          const all = managers()
          const person = all[who % all.length]
          if (person) await follow(person, pages, few)
        }
        const wanted = filterOf(filter, model)
        expect((await wholeHistory(ana, most, wanted)).map(seen)).toEqual(model.historyOf(ana.id, wanted))
        expect(await wholeHistory(gus, most, wanted)).toEqual([])
      }
      for (const person of managers()) await follow(person, Infinity, 3)
    }),
    { numRuns: IS_LONG ? 100 : 6 },
  )
}, 600_000)
