/** Users as callers see them, pure. */
import { toIso } from '../platform/time.ts'
import type { UserView } from './schemas.ts'
import type { UserRow } from './store.ts'

export function viewUser(user: UserRow): UserView {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    active: user.active === 1,
    reminders: user.reminders === 1,
    createdAt: toIso(user.created_at),
  }
}
