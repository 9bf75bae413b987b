/** What a file names, and so has to be looked up. Pure. */
import { emailKeyOf, fold } from '../platform/text.ts'
import type { FileDraft } from './drafts.ts'
import type { Sought } from './lookup-store.ts'

export function soughtIn({ plans, homeless }: Pick<FileDraft, 'plans' | 'homeless'>): Sought {
  const emails = new Set<string>()
  const ids = new Set<string>()
  const names = new Set<string>()
  let hasAreas = false
  const addEmail = (email: string | null | undefined) => {
    if (typeof email === 'string') emails.add(emailKeyOf(email))
  }
  for (const { fields } of plans) addEmail(fields.createdBy)
  const actions = [...plans.flatMap((plan) => plan.actions), ...homeless]
  for (const { fields } of actions) {
    addEmail(fields.createdBy)
    for (const email of fields.assignees ?? []) addEmail(email)
    for (const note of fields.notes ?? []) addEmail(note?.author)
    for (const id of fields.assigneeIds ?? []) if (id !== null) ids.add(id)
    if ((fields.assignees ?? []).length + (fields.assigneeIds ?? []).length === 0)
      for (const name of fields.assigneeNames ?? []) if (name !== null) names.add(fold(name))
    hasAreas ||= (fields.areas ?? []).length + (fields.areaIds ?? []).length > 0
  }
  return {
    ...{ planIds: namesOf(plans), actionIds: namesOf(actions) },
    ...{ emails: [...emails], ids: [...ids], names: [...names], hasAreas },
  }
}

function namesOf(drafts: readonly { externalId: string | null }[]): string[] {
  return [...new Set(drafts.flatMap(({ externalId }) => externalId ?? []))]
}
