/** What the demo companies hold, written down as a person would tell it. Days count from the seeding. */
import type { ActionType, FocusType, Origin, Role, Status, Visibility } from '../../src/db/enums.ts'

/** `id`: what the reference's examples refer to by it (platform/demo.ts); everything else gets an id from its name. */
interface Named {
  id?: string
}

export interface DemoPerson extends Named {
  email: string
  name: string
  role: Role
}

export interface DemoAction extends Named {
  title: string
  description: string
  /** null in a legacy plan. */
  creator: string | null
  createdDay: number
  dueDay?: number
  type?: ActionType
  origin?: Origin
  /** Absent follows the plan's. */
  visibility?: Visibility
  areas?: readonly string[]
  focus?: readonly { type: FocusType; id?: string }[]
  assignees: readonly { name: string; status: Status; startedDay?: number; finishedDay?: number }[]
  notes?: readonly (Named & { author: string; day: number; text: string })[]
}

export interface DemoPlan extends Named {
  title: string
  description: string
  visibility: Visibility
  creator: string | null
  createdDay: number
  actions: readonly DemoAction[]
}

export interface DemoCompany extends Named {
  name: string
  timeZone: string
  people: readonly DemoPerson[]
  /** Parents before their children. */
  areas: readonly (Named & { name: string; parent?: string })[]
  plans: readonly DemoPlan[]
}

export const GLOBEX: DemoCompany = {
  name: 'Globex',
  timeZone: 'America/New_York',
  people: [{ email: 'gus@globex.test', name: 'Gus Keller', role: 'ADMIN' }],
  areas: [],
  plans: [],
}
