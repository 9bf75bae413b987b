/** What an import is decided by besides the file. Pure. */
import type { Role } from '../db/enums.ts'
import type { AreaListing, FoundArea } from './areas.ts'
import type { People } from './people.ts'
import type { ExistingPlan } from './rows.ts'

/** Who imports. An operator has no id: what he imports has no creator unless the file names one. */
export interface Importer {
  id: string | null
  role: Role
}

export interface Stored {
  /** Plans by what the file calls them. */
  plans: ReadonlyMap<string, ExistingPlan>
  /** What the file calls actions that exist. */
  actions: ReadonlySet<string>
  people: People
  area: (text: string) => FoundArea
  isShownAs: AreaListing
}

export interface ImportSetting {
  importer: Importer
  /** Unix milliseconds. */
  now: number
  /** Of the company. */
  timeZone: string
  /** What plans and actions earlier in a file that comes in parts are called; those of this part are added. */
  seen?: { plans: Set<string>; actions: Set<string> }
  /** New ids for rows of these times, which rise with the places of rows of equal times. */
  idsFor: (times: readonly number[]) => string[]
}
