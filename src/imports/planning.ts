/** Decides on an import: from the file and what is stored to the rows that it makes, or all errors at once. Pure. */
import { mayReadPlan } from '../access/policy.ts'
import { planCreated } from '../action-plans/history.ts'
import { emptyPlanBytes } from '../action-plans/weight.ts'
import { actionCreated } from '../actions/history.ts'
import type { Entry } from '../platform/history.ts'
import { LIMITS } from '../platform/limits.ts'
import { errorsOfFile, type FileDraft, type PlanDraft } from './drafts.ts'
import type { ErrorList, ImportError } from './error-list.ts'
import { clockIn } from './moments.ts'
import { ActionMaker } from './new-actions.ts'
import { creatorOf } from './creators.ts'
import type { ActionRow, ExistingPlan, GrownPlan, ImportedRows, PlanRow } from './rows.ts'
import type { ImportSetting, Stored } from './setting.ts'
import { type Size, tooMuch } from './sizes.ts'

export interface ImportPlan extends ImportedRows {
  counts: { plans: number; actions: number; created: number; unchanged: number }
  errors: ErrorList
  /** Whether the file names others than the importer as creators or authors. */
  namesOthers: boolean
  /** Whether it does something that only an ADMIN may do. */
  needsAdmin: boolean
}

/** Decides on all plans and actions of the file. With errors, its rows are not to be stored. */
export function planImport(file: FileDraft, stored: Stored, setting: ImportSetting): ImportPlan {
  const { importer, now } = setting
  const clock = clockIn(setting.timeZone)
  const errors = errorsOfFile()
  errors.addAll(file.errors)
  const plans: PlanRow[] = []
  const actions: ActionRow[] = []
  const grown: GrownPlan[] = []
  const { seen = { plans: new Set<string>(), actions: new Set<string>() } } = setting
  let unchanged = 0
  const isEffective = file.showsEffectiveVisibility
  const maker = new ActionMaker({ stored, setting, clock, isEffective, errors })
  const timeOf = ({ fields }: PlanDraft) => (fields.createdAt ? clock.at(fields.createdAt) : now)
  const newPlans = file.plans.filter((draft) => existingOf(draft) === undefined)
  const ids = setting.idsFor(newPlans.map((draft) => Math.max(0, timeOf(draft))))
  const idOf = new Map(newPlans.map((draft, index) => [draft, ids[index] ?? ''] as const))

  for (const draft of file.plans) {
    const { externalId } = draft
    const isDouble = externalId !== null && seen.plans.has(externalId)
    if (isDouble) errors.add(draft.wrong('externalId', 'is the plan of another line too'))
    if (externalId !== null) seen.plans.add(externalId)
    const existing = existingOf(draft)
    const isLeft = existing !== undefined || isLeftWithItsActions(draft, stored)
    const made = isLeft ? null : newPlan(draft, idOf.get(draft) ?? '')
    if (made !== null && !isDouble) plans.push(made)
    if (isLeft && !isDouble) unchanged += 1
    const added = maker.actionsOf(draft, isDouble ? null : (existing ?? made), seen.actions)
    unchanged += added.unchanged
    if (isDouble) continue
    if (existing !== undefined && added.rows.length > 0) {
      if (importer.id !== null && !mayReadPlan({ id: importer.id, role: importer.role }, existing))
        errors.add(
          ...added.drafts.map((each) =>
            each.wrong('title', 'may not be added: the plan is not yours to read'),
          ),
        )
      grown.push({ ...existing, ...added.size })
    }
    errors.add(...fullErrors(draft, existing ?? null, added.size))
    actions.push(...added.rows)
  }
  unchanged += maker.actionsOf({ actions: file.homeless, fields: {} }, null, seen.actions).unchanged
  const found = file.plans.reduce((sum, plan) => sum + plan.actions.length, file.homeless.length)
  const created = errors.isEmpty ? plans.length + actions.length : 0
  return {
    ...{ plans, actions, grown, errors },
    counts: { plans: file.plans.length, actions: found, created, unchanged },
    history: historyOf(plans, actions),
    namesOthers: maker.namesOthers,
    needsAdmin: maker.needsAdmin,
  }

  function existingOf({ externalId }: PlanDraft): ExistingPlan | undefined {
    return externalId === null ? undefined : stored.plans.get(externalId)
  }

  /** The row; null if something about it is wrong. */
  function newPlan(draft: PlanDraft, id: string): PlanRow | null {
    errors.addAll(draft.errors)
    const { externalId, fields } = draft
    const creator = creatorOf(fields.createdBy ?? null, importer, stored.people)
    if ('complaint' in creator) errors.add(draft.wrong('createdBy', creator.complaint))
    else maker.note(creator.isOther)
    const createdAt = timeOf(draft)
    const isTimely = createdAt <= now && createdAt >= 0
    if (!isTimely) errors.add(draft.wrong('createdAt', 'must lie between 1970 and now'))
    if (!draft.errors.isEmpty || 'complaint' in creator || !isTimely || externalId === null) return null
    const texts = { title: fields.title ?? '', description: fields.description ?? '' }
    return {
      ...texts,
      id,
      visibility: fields.visibility ?? 'PRIVATE',
      createdBy: creator.id,
      contentBytes: emptyPlanBytes(texts),
      createdAt,
      externalId,
    }
  }
}

/** Whether nothing is to be done in a plan that the importer may not read: it is not named, and all of its actions exist. */
function isLeftWithItsActions(draft: PlanDraft, stored: Stored): boolean {
  const { externalId: id, isUntitled, actions } = draft
  return (
    id !== null &&
    isUntitled === true &&
    actions.length > 0 &&
    actions.every(({ externalId }) => externalId !== null && stored.actions.has(externalId))
  )
}

/** Errors at a plan that cannot hold its new actions. */
function fullErrors(
  draft: PlanDraft,
  existing: ExistingPlan | null,
  { actions, bytes, noteBytes }: Size,
): ImportError[] {
  const { actionsPerPlan, bytesPerPlan, noteBytesPerPlan } = LIMITS
  const grown: [added: number, now: number, limit: { most: number; of: string }][] = [
    [actions, existing?.actionCount ?? 0, actionsPerPlan],
    [bytes, existing?.contentBytes ?? 0, bytesPerPlan],
    [noteBytes, existing?.noteBytes ?? 0, noteBytesPerPlan],
  ]
  return grown.flatMap(([added, now, limit]) =>
    added > 0 && now + added > limit.most ? [draft.wrong('actions', tooMuch(limit))] : [],
  )
}

function historyOf(plans: readonly PlanRow[], actions: readonly ActionRow[]): Entry[] {
  const notes = actions.flatMap(({ id: actionId, planId, title, notes: added }) =>
    added.map(({ id }): Entry => {
      const changes = { noteId: { before: null, after: id } }
      return { type: 'note.added', planId, actionId, title, changes, readers: null }
    }),
  )
  return [...plans.map(planCreated), ...actions.map(actionCreated), ...notes]
}
