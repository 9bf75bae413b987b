/** Builds one volume of an export from its frozen copy and stores it in R2. */
import { completionPercent } from '../action-plans/view.ts'
import { asOf, derive, isOverdue } from '../actions/lifecycle.ts'
import { readAssignees, readFocusItems, readHierarchies } from '../actions/lists-store.ts'
import type { Locale } from '../db/enums.ts'
import type { Database } from '../platform/database.ts'
import { toHex } from '../platform/ids.ts'
import { contentDisposition, fileName, objectKey, WORKBOOK_TYPE } from './files.ts'
import {
  type FrozenAction,
  frozenActions,
  type FrozenDetail,
  frozenDetails,
  type FrozenNote,
  type FrozenPlan,
} from './freeze-store.ts'
import type { StoredFile } from './store.ts'
import { buildWorkbook } from './workbook/build.ts'
import type { WorkbookAction, WorkbookActionDetail, WorkbookContent } from './workbook/content.ts'

/** More would come near a worker's memory. */
export const ACTIONS_PER_VOLUME = 500

/** Notes read at once, or those of one action if it has more. */
const NOTES_PER_PORTION = 250
const ACTIONS_PER_PORTION = 50

export function volumesFor(actionCount: number): number {
  return Math.max(1, Math.ceil(actionCount / ACTIONS_PER_VOLUME))
}

interface Volume {
  exportId: string
  locale: Locale
  plan: FrozenPlan
  /** From 1. */
  number: number
}

/** The file's name, size and hash, whether this call stored it or an earlier one had. */
export async function storeVolume(database: Database, bucket: R2Bucket, volume: Volume): Promise<StoredFile> {
  const [rows] = await database.batch([frozenActions(database, volume.exportId)])
  const content = contentOf(database, volume, rows)
  const bytes = await buildWorkbook(content)
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  const of = content.volume.of
  const name = fileName(volume.plan.title, volume.number, of)
  const key = objectKey(volume.exportId, name)
  const file = { position: volume.number, name, bytes: bytes.byteLength, sha256 }
  const stored = await bucket.put(key, bytes, {
    sha256,
    // Two consumers may build the same volume: the first object stays.
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: {
      contentType: WORKBOOK_TYPE,
      contentDisposition: contentDisposition(volume.plan.title, volume.number, of),
    },
    customMetadata: { sha256 },
  })
  // null: the condition did not hold, so the object is there.
  if (stored) return file
  const earlier = await bucket.head(key)
  if (!earlier) throw new Error('The stored volume vanished')
  return { ...file, bytes: earlier.size, sha256: earlier.customMetadata?.sha256 ?? sha256 }
}

function contentOf(
  database: Database,
  volume: Volume,
  rows: readonly { summary: string }[],
): WorkbookContent {
  const { plan, number } = volume
  // Written as JSON by freeze-store.ts in the shape of FrozenAction.
  const frozen = rows.map(({ summary }) => JSON.parse(summary) as FrozenAction)
  const first = (number - 1) * ACTIONS_PER_VOLUME
  const count = Math.min(ACTIONS_PER_VOLUME, frozen.length - first)
  return {
    locale: volume.locale,
    timeZone: plan.timeZone,
    plan: {
      title: plan.title,
      description: plan.description,
      visibility: plan.visibility,
      creatorName: plan.creatorName,
      createdAt: plan.createdAt,
      completionPercent: completionPercent(plan),
    },
    companyName: plan.companyName,
    exportedAt: plan.exportedAt,
    exportedBy: plan.exportedBy,
    hiddenActions: plan.actionCount - plan.readableCount,
    actions: frozen.map((action) => toWorkbookAction(action, plan.exportedAt)),
    volume: { number, of: volumesFor(frozen.length), first, count },
    details: readDetails(database, volume.exportId, frozen, first, count),
  }
}

function toWorkbookAction(action: FrozenAction, now: number): WorkbookAction {
  const { dueDate } = action
  const assignees = asOf(now, { dueDate, assignees: readAssignees(action.assignees) })
  const { status, completionPercent, startedAt, finishedAt } = derive(assignees)
  return {
    title: action.title,
    actionType: action.actionType,
    status,
    completionPercent,
    overdue: isOverdue(now, dueDate, status),
    assignees,
    hierarchies: readHierarchies(action.hierarchies),
    focusItems: readFocusItems(action.focusItems),
    dueDate,
    startedAt,
    finishedAt,
    noteCount: action.noteCount,
  }
}

/** Details in order, read in portions that hold few notes, so that they never lie in memory together. */
async function* readDetails(
  database: Database,
  exportId: string,
  frozen: readonly FrozenAction[],
  first: number,
  count: number,
): AsyncGenerator<WorkbookActionDetail> {
  for (let start = first; start < first + count;) {
    const size = portionSize(frozen.slice(start, first + count))
    const [details, notes] = await database.batch(frozenDetails(database, exportId, start, size))
    const notesByPosition = Map.groupBy(notes, ({ position }) => position)
    for (const { position, detail } of details) {
      // Both written as JSON by freeze-store.ts in these shapes.
      const ownNotes = (notesByPosition.get(position) ?? []).map(({ note }) => JSON.parse(note) as FrozenNote)
      yield { ...(JSON.parse(detail) as FrozenDetail), notes: ownNotes }
    }
    start += size
  }
}

function portionSize(rest: readonly FrozenAction[]): number {
  let notes = 0
  const end = rest
    .slice(0, ACTIONS_PER_PORTION)
    .findIndex(({ noteCount }) => (notes += noteCount) > NOTES_PER_PORTION)
  return end === -1 ? Math.min(rest.length, ACTIONS_PER_PORTION) : Math.max(1, end)
}
