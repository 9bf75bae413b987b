/**
 * What an action weighs in its plan: about the bytes of its JSON, reckoned so that a change of a person's name changes
 * nothing. Sums of it are kept by trigger (docs/triggers.md). Pure.
 */
import { jsonBytesOf } from '../platform/text.ts'

const ACTION = 550
/** An assignee, whatever the name. */
export const ASSIGNEE_BYTES = 420
/** An area or a focus item. */
const TARGET = 60

/** No action that can be written weighs more. */
export const HEAVIEST_ACTION = 64 * 1024

interface Weighed {
  title: string
  description: string
  assignees: readonly unknown[]
  hierarchyIds: readonly unknown[]
  focusItems: readonly { focusId: string | null }[]
}

/** In bytes. */
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
