/** Finds people by what a file calls them. Pure. */
import { emailKeyOf, fold } from '../platform/text.ts'

export interface KnownPerson {
  id: string
  /** The address in the form in which addresses are compared, and the name folded. */
  emailKey: string
  nameFolded: string
  /** Whether the person is an active company manager. */
  isAssignable: boolean
}

/** The person of that name, or why there is none. */
export type FoundPerson = KnownPerson | { complaint: string }

export interface People {
  byEmail: (email: string) => FoundPerson
  byId: (id: string) => FoundPerson
  /** By the name, if nobody else among the active managers has it. */
  byName: (name: string) => FoundPerson
}

export function peopleAmong(people: readonly KnownPerson[]): People {
  const byEmail = new Map(people.map((person) => [person.emailKey, person]))
  const byId = new Map(people.map((person) => [person.id, person]))
  const byName = Map.groupBy(people, ({ nameFolded }) => nameFolded)
  const unknown = { complaint: 'is nobody of the company' }
  return {
    byEmail: (email) => byEmail.get(emailKeyOf(email)) ?? unknown,
    byId: (id) => byId.get(id) ?? unknown,
    byName(name) {
      const named = (byName.get(fold(name)) ?? []).filter(({ isAssignable }) => isAssignable)
      const [person, other] = named
      if (person === undefined) return { complaint: 'is the name of no active company manager' }
      return other === undefined
        ? person
        : { complaint: 'is the name of several people: give their e-mail addresses' }
    },
  }
}

/** The ways in which a file names people and areas: what has to be looked up. */
export interface Named {
  emails: readonly string[]
  ids: readonly string[]
  names: readonly string[]
  hasAreas: boolean
}
