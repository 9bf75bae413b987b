/**
 * The weight of an action: roughly the bytes of its JSON, with a constant for each assignee, so that renaming a person
 * changes no weight. Triggers keep the sums per plan (docs/triggers.md). Pure.
 */
import { jsonBytesOf } from '../platform/text.ts'

const ACTION = 550
/** Bytes for an assignee, however long the name is. */
export const ASSIGNEE_BYTES = 420
/** Bytes for an area or a focus item. */
const TARGET = 60

/** Upper bound for the weight of an action that keeps to all limits. */
export const HEAVIEST_ACTION = 64 * 1024

interface Weighed {
  title: string
  description: string
  assignees: readonly unknown[]
  hierarchyIds: readonly unknown[]
  focusItems: readonly { focusId: string | null }[]
}

/** The weight in bytes. */
export function actionBytes({ title, description, assignees, hierarchyIds, focusItems }: Weighed): number {
  const focusIds = focusItems.reduce((sum, { focusId }) => sum + jsonBytesOf(focusId ?? ''), 0)
  return (
    ACTION +
    jsonBytesOf(title) +
    jsonBytesOf(description) +
    ASSIGNEE_BYTES * assignees.length +
    TARGET * (hierarchyIds.length + focusItems.length) +
    focusIds
  )
}
