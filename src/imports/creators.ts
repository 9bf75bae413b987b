/** Who has made what a file holds. Pure. */
import type { People } from './people.ts'
import type { Importer } from './setting.ts'

/** The creator, null for nobody, and whether that is somebody other than the importer; or why it cannot be. */
export type FoundCreator = { id: string | null; isOther: boolean } | { complaint: string }

const ONLY_ADMINS = 'may be somebody else than you only if you are an ADMIN'

/** The creator whom a file names by an address: an active company manager; by default the importer. */
export function creatorOf(email: string | null, importer: Importer, people: People): FoundCreator {
  if (email === null) return { id: importer.id, isOther: false }
  const person = people.byEmail(email)
  if ('complaint' in person) return importer.role === 'ADMIN' ? person : { complaint: ONLY_ADMINS }
  if (person.id === importer.id) return { id: person.id, isOther: false }
  if (importer.role !== 'ADMIN') return { complaint: ONLY_ADMINS }
  return person.isAssignable
    ? { id: person.id, isOther: true }
    : { complaint: 'must be an active company manager' }
}

/** The author of a note, who may be anybody of the company; by default the importer. */
export function authorOf(email: string | null, importer: Importer, people: People): FoundCreator {
  if (email === null) return { id: importer.id, isOther: false }
  const person = people.byEmail(email)
  if ('complaint' in person) return importer.role === 'ADMIN' ? person : { complaint: ONLY_ADMINS }
  const isOther = person.id !== importer.id
  return isOther && importer.role !== 'ADMIN' ? { complaint: ONLY_ADMINS } : { id: person.id, isOther }
}
