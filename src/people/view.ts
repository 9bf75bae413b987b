/** Companies, users and hierarchies as callers see them, pure. */
import { toIso } from '../platform/time.ts'
import type { StoredCompany } from './company-store.ts'
import type { StoredHierarchy } from './hierarchy-store.ts'
import type { CompanyView, HierarchyView, UserView } from './schemas.ts'
import type { StoredUser } from './user-store.ts'

export function viewCompany({ id, name, timeZone, language, accentColor }: StoredCompany): CompanyView {
  return { id, name, timeZone, language, accentColor }
}

export function viewUser(user: StoredUser): UserView {
  const { id, email, name, role, active, language, reminders, createdAt } = user
  return { id, email, name, role, active, language, reminders, createdAt: toIso(createdAt) }
}

export function viewHierarchy({ id, name, parentId }: StoredHierarchy, childCount: number): HierarchyView {
  return { id, name, parentId, childCount }
}
