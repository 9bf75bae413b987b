/** Plans with the actions shown in them: read at once when that is little, else in portions. */
import type { ActionFilter } from '../actions/filter.ts'
import { inPortions, OutlineChanged, type Reader, untilUnchanged, weightOf } from '../actions/portions.ts'
import { type ActionRow, type OutlinedAction, type StoredAction, toStoredAction } from '../actions/store.ts'
import { viewAction } from '../actions/view.ts'
import { type Answer, largeResource, PieceWriter, writtenSlice } from '../platform/answer.ts'
import { LIMITS } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import { requirePlan } from './change.ts'
import { mayReadPlan } from './policy.ts'
import {
  planById,
  planPage,
  type PlanRow,
  plansById,
  shownActions,
  type StoredPlan,
  toStoredPlan,
} from './store.ts'
import { planEnds, planTag } from './view.ts'

/** In bytes; nothing is read in portions. */
const EVERYTHING = Number.MAX_SAFE_INTEGER

/** The plan of that id, for who may read it, with the actions that he or she may read. */
export async function readPlan(reader: Reader, planId: string): Promise<Answer> {
  const { gate, database, look } = reader
  const load = async (most: number) => {
    const { viewer, rows } = await gate.read([
      planById(database, look.companyId, planId),
      ...shownActions(database, planId, look, most),
    ] as const)
    const [plans, actions, outline] = rows
    return { plan: requirePlan(plans, (facts) => mayReadPlan(viewer, facts)), actions, outline }
  }
  return untilUnchanged(
    async () => {
      const { plan, actions, outline } = await load(await gate.light())
      if (outline.length > 0) await gate.heavy(weightOf(outline))
      return planAnswer(reader, plan, actions, outline)
    },
    async () => {
      await gate.heavy(weightOf((await load(0)).outline))
      const { plan, actions } = await load(EVERYTHING)
      return planAnswer(reader, plan, actions, [])
    },
  )
}

/**
 * The answer to who changed a plan, which may be more than he or she may read from now on: the plan as it was in that
 * step, with the actions as they were outlined in it, or as they are if somebody has written them since. There must be
 * room for it.
 */
export async function changedPlanAnswer(
  reader: Reader,
  plan: StoredPlan,
  actions: readonly ActionRow[],
  outline: readonly OutlinedAction[],
): Promise<Answer> {
  const { gate, database, look } = reader
  const load = async (most: number) => (await gate.read(shownActions(database, plan.id, look, most))).rows
  let isFirst = true
  return untilUnchanged(
    async () => {
      if (!isFirst) return planAnswer(reader, plan, ...(await load(0)))
      isFirst = false
      return planAnswer(reader, plan, actions, outline)
    },
    async () => planAnswer(reader, plan, (await load(EVERYTHING))[0], []),
  )
}

/** The answer with a plan whose actions were read, or outlined. Throws OutlineChanged. */
async function planAnswer(
  reader: Reader,
  plan: StoredPlan,
  actions: readonly ActionRow[],
  outline: readonly OutlinedAction[],
): Promise<Answer> {
  const { now } = reader.look
  const writer = new PieceWriter()
  const seen: { id: string; revision: number; dueDate: number | null }[] = []
  const { before, after } = planEnds(plan, now)
  const write = (action: StoredAction) => {
    const { id, revision, dueDate } = action
    writer.write([seen.length === 0 ? '' : ',', JSON.stringify(viewAction(action, now))])
    seen.push({ id, revision, dueDate })
  }
  writer.write([before])
  for (const row of actions) write(toStoredAction(row))
  for await (const portion of inPortions(reader, outline)) portion.forEach(write)
  writer.write([after])
  return largeResource(writer, await planTag(plan, seen, now))
}

/** A slice of the plans that the looker may read, newest first, with the actions that the filter leaves. */
export async function listPlans(reader: Reader, filter: ActionFilter, slice: Slice): Promise<Answer> {
  const { gate, database, look } = reader
  const load = async (most: number) => {
    const { rows } = await gate.read(planPage(database, filter, look, slice, most))
    const [totals, plans, actions, outline] = rows
    return { total: totals[0]?.total ?? 0, bytes: plans[0]?.page_bytes ?? 0, plans, actions, outline }
  }
  const write = (total: number, plans: readonly PlanRow[], actions: Grouped) =>
    sliceAnswer(reader, slice.from, total, plans, actions)
  return untilUnchanged(
    async () => {
      const most = await gate.light()
      const { total, bytes, plans, actions, outline } = await load(most)
      if (bytes <= most) return write(total, plans, grouped(actions))
      await gate.heavy(bytes)
      return write(total, await withTexts(reader, plans), portioned(reader, plans, outline))
    },
    async () => {
      await gate.heavy((await load(0)).bytes)
      const { total, plans, actions } = await load(EVERYTHING)
      return write(total, plans, grouped(actions))
    },
  )
}

/** The actions of each plan, asked for in the order of the plans. */
type Grouped = (planId: string) => AsyncIterable<StoredAction> | Iterable<StoredAction>

function grouped(actions: readonly ActionRow[]): Grouped {
  const byPlan = Map.groupBy(actions, ({ plan_id: planId }) => planId)
  return (planId) => (byPlan.get(planId) ?? []).map(toStoredAction)
}

function portioned(reader: Reader, plans: readonly PlanRow[], outline: readonly OutlinedAction[]): Grouped {
  const byPlan = Map.groupBy(outline, ({ plan_id: planId }) => planId)
  const inOrder = plans.flatMap(({ id }) => byPlan.get(id) ?? [])
  const actions = oneByOne(inPortions(reader, inOrder))
  return async function* (planId) {
    for (let left = byPlan.get(planId)?.length ?? 0; left > 0; left -= 1) {
      const next = await actions.next()
      if (!next.done) yield next.value
    }
  }
}

async function* oneByOne<T>(portions: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const portion of portions) yield* portion
}

/** The same plans with their descriptions, as they were. Throws OutlineChanged. */
async function withTexts({ gate, database, look }: Reader, plans: readonly PlanRow[]): Promise<PlanRow[]> {
  const ids = plans.map(({ id }) => id)
  const { rows } = await gate.read([plansById(database, look.companyId, ids)] as const)
  const found = new Map(rows[0].map((row) => [row.id, row]))
  return plans.map((plan) => {
    const row = found.get(plan.id)
    if (row?.version !== plan.version) throw new OutlineChanged()
    return { ...plan, description: row.description }
  })
}

async function sliceAnswer(
  { look: { now } }: Reader,
  from: number,
  total: number,
  plans: readonly PlanRow[],
  actionsOf: Grouped,
): Promise<Answer> {
  const writer = new PieceWriter()
  let count = 0
  for (const row of plans) {
    const mark = writer.mark()
    const { before, after } = planEnds(toStoredPlan(row), now)
    writer.write([count === 0 ? '' : ',', before])
    let separator = ''
    for await (const action of actionsOf(row.id)) {
      writer.write([separator, JSON.stringify(viewAction(action, now))])
      separator = ','
    }
    writer.write([after])
    // Weights reckon names by their bytes; as JSON they may have more.
    if (count > 0 && writer.bytes > LIMITS.bytesPerSlice.most) {
      writer.rewind(mark)
      break
    }
    count += 1
  }
  return writtenSlice(from, count, total, writer)
}
