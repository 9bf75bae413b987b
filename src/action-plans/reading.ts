/** Reads plans with their readable actions: in one batch if the answer is small, else in portions. */
import { mayReadPlan } from '../access/policy.ts'
import { resolved } from '../actions/due-range.ts'
import { inPortions, OutlineChanged, untilUnchanged, weightOf } from '../actions/portions.ts'
import type { OutlinedAction, StoredAction } from '../actions/store.ts'
import { viewAction } from '../actions/view.ts'
import { pageIn } from '../db/rows.ts'
import { type Answer, largeResource, PieceWriter, writtenSlice } from '../platform/answer.ts'
import { LIMITS } from '../platform/limits.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { requirePlan } from './change.ts'
import type { PlanListQuery } from './schemas.ts'
import { planById, planPage, plansById, shownActions, type StoredPlan, wholePlanPage } from './store.ts'
import { planEnds, planTag, tagPart } from './view.ts'

/** A limit in bytes that no plan reaches, so that nothing is read in portions. */
const EVERYTHING = Number.MAX_SAFE_INTEGER

/** The plan with that id and the actions that the caller may read. Throws 404 NOT_FOUND, 403 FORBIDDEN, 503 BUSY. */
export async function readPlan(request: AuthorizedRequest, planId: string): Promise<Answer> {
  const { database, scope } = request
  const load = async (most: number) => {
    const { viewer, rows } = await request.read([
      planById(database, scope.companyId, planId),
      ...shownActions(database, planId, scope, most),
    ] as const)
    const [[plan], actions, outline] = rows
    return { plan: requirePlan(plan, (facts) => mayReadPlan(viewer, facts)), actions, outline }
  }
  return untilUnchanged(
    async () => {
      const { plan, actions, outline } = await load(await request.light())
      if (outline.length > 0) await request.heavy(weightOf(outline))
      return planAnswer(request, plan, actions, outline)
    },
    async () => {
      await request.heavy(weightOf((await load(0)).outline))
      const { plan, actions } = await load(EVERYTHING)
      return planAnswer(request, plan, actions, [])
    },
  )
}

/**
 * The answer to the caller who changed a plan, even if that caller may no longer read it: the plan as of the write,
 * with its actions as outlined then, or as of now if they have changed since. The memory must be reserved already.
 */
export async function changedPlanAnswer(
  request: AuthorizedRequest,
  plan: StoredPlan,
  actions: readonly StoredAction[],
  outline: readonly OutlinedAction[],
): Promise<Answer> {
  const { database, scope } = request
  const load = async (most: number) => (await request.read(shownActions(database, plan.id, scope, most))).rows
  try {
    return await planAnswer(request, plan, actions, outline)
  } catch (error) {
    if (!(error instanceof OutlineChanged)) throw error
    return untilUnchanged(
      async () => planAnswer(request, plan, ...(await load(0))),
      async () => planAnswer(request, plan, (await load(EVERYTHING))[0], []),
    )
  }
}

/** The answer with a plan, from its actions or from their outline. Throws OutlineChanged. */
async function planAnswer(
  request: AuthorizedRequest,
  plan: StoredPlan,
  actions: readonly StoredAction[],
  outline: readonly OutlinedAction[],
): Promise<Answer> {
  const { now } = request
  const writer = new PieceWriter()
  const tagParts: string[] = []
  const { before, after } = planEnds(plan, now)
  const write = (action: StoredAction) => {
    writer.write([tagParts.length === 0 ? '' : ',', JSON.stringify(viewAction(action, now))])
    tagParts.push(tagPart(action, now))
  }
  writer.write([before])
  actions.forEach(write)
  for await (const portion of inPortions(request, outline)) portion.forEach(write)
  writer.write([after])
  return largeResource(writer, await planTag(plan, tagParts))
}

/**
 * A slice of the plans that the caller may read, newest first, with the actions that meet the filter. Throws 503 BUSY.
 */
export async function listPlans(
  request: AuthorizedRequest,
  sent: Omit<PlanListQuery, 'from' | 'to'>,
  slice: Slice,
): Promise<Answer> {
  const { database, scope } = request
  const filter = await resolved(request, sent)
  const load = async (most: number) => {
    const { rows } = await request.read([planPage(database, filter, scope, slice, most)] as const)
    const [page] = rows
    const { total, items } = pageIn(page)
    return {
      total,
      bytes: page[0]?.pageBytes ?? 0,
      plans: items.map(({ plan }) => plan),
      actions: items.flatMap(({ actions }) => actions.toSorted(byAge)),
      outline: items.flatMap(({ outline }) => outline.toSorted(byAge)),
    }
  }
  const write = (total: number, plans: readonly StoredPlan[], actions: Grouped) =>
    sliceAnswer(scope.now, slice.from, total, plans, actions)
  return untilUnchanged(
    async () => {
      const most = await request.light()
      const { total, bytes, plans, actions, outline } = await load(most)
      if (bytes <= most) return write(total, plans, grouped(actions))
      await request.heavy(bytes)
      return write(total, await withTexts(request, plans), portioned(request, plans, outline))
    },
    async () => {
      await request.heavy((await load(0)).bytes)
      const { rows } = await request.read(wholePlanPage(database, filter, scope, slice))
      const [page, actions] = rows
      const { total, items } = pageIn(page)
      const plans = items.map(({ plan }) => plan)
      return write(total, plans, grouped(actions))
    },
  )
}

/** Oldest first; JSON lists are not ordered within one moment. */
function byAge<Aged extends { createdAt: number; id: string }>(one: Aged, other: Aged): number {
  return one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)
}

/** Returns the actions of a plan; must be called in the order of the plans. */
type Grouped = (planId: string) => AsyncIterable<StoredAction> | Iterable<StoredAction>

function grouped(actions: readonly StoredAction[]): Grouped {
  const byPlan = Map.groupBy(actions, ({ planId }) => planId)
  return (planId) => byPlan.get(planId) ?? []
}

function portioned(
  request: AuthorizedRequest,
  plans: readonly StoredPlan[],
  outline: readonly OutlinedAction[],
): Grouped {
  const byPlan = Map.groupBy(outline, ({ planId }) => planId)
  const inOrder = plans.flatMap(({ id }) => byPlan.get(id) ?? [])
  const actions = oneByOne(inPortions(request, inOrder))
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

/** The plans with their descriptions. Throws OutlineChanged if one has changed since it was read. */
async function withTexts(request: AuthorizedRequest, plans: readonly StoredPlan[]): Promise<StoredPlan[]> {
  const { database, scope } = request
  const ids = plans.map(({ id }) => id)
  const { rows } = await request.read([plansById(database, scope.companyId, ids)] as const)
  const found = new Map(rows[0].map((plan) => [plan.id, plan]))
  return plans.map((plan) => {
    const now = found.get(plan.id)
    if (now?.rowVersion !== plan.rowVersion) throw new OutlineChanged()
    return { ...plan, description: now.description }
  })
}

async function sliceAnswer(
  now: number,
  from: number,
  total: number,
  plans: readonly StoredPlan[],
  actionsOf: Grouped,
): Promise<Answer> {
  const writer = new PieceWriter()
  let count = 0
  for (const plan of plans) {
    const mark = writer.mark()
    const { before, after } = planEnds(plan, now)
    writer.write([count === 0 ? '' : ',', before])
    let separator = ''
    for await (const action of actionsOf(plan.id)) {
      writer.write([separator, JSON.stringify(viewAction(action, now))])
      separator = ','
    }
    writer.write([after])
    // The JSON may be larger than its weight, which counts a constant for each name, however many escapes it needs.
    if (count > 0 && writer.bytes > LIMITS.bytesPerSlice.most) {
      writer.rewind(mark)
      break
    }
    count += 1
  }
  return writtenSlice(from, count, total, writer)
}
