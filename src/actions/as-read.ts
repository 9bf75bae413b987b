/** Members that an action shows and that are set in another way than by their name. Pure. */
import type { InputError } from '../platform/problem.ts'

/** The right way to set each, as the error of a body that tries its own. */
export const SET_OTHERWISE = {
  status: 'cannot be set: POST /api/v1/company/actions/{id}/transitions changes it',
  assignees: 'cannot be set: `assigneeIds` names the assignees, and POST …/transitions changes their states',
} as const

/** These members as an action shows them. */
interface Shown {
  status: string
  assignees: readonly object[]
}

/** Errors for those members of a PATCH that differ from what the action shows; it may hold them as they were read. */
export function changedOtherwise(body: object, action: Shown): InputError[] {
  const { status, assignees } = body as Record<string, unknown>
  return [
    ...(isAbsent(status) || status === action.status
      ? []
      : [{ path: 'status', message: SET_OTHERWISE.status }]),
    ...(isAbsent(assignees) || areThose(assignees, action.assignees)
      ? []
      : [{ path: 'assignees', message: SET_OTHERWISE.assignees }]),
  ]
}

export function isAbsent(value: unknown): boolean {
  return value === null || value === undefined
}

/** Whether the list has the same assignees in the same order, each with nothing that differs; members may be left out. */
function areThose(list: unknown, assignees: Shown['assignees']): boolean {
  return (
    Array.isArray(list) &&
    list.length === assignees.length &&
    assignees.every((assignee, index) => {
      const item: unknown = list[index]
      if (typeof item !== 'object' || item === null || !('userId' in item)) return false
      const sent = item as Record<string, unknown>
      return Object.entries(assignee).every(([name, value]) => !(name in sent) || sent[name] === value)
    })
  )
}
