/** Rows of a demo company. */
import { createHash } from 'node:crypto'
import type { BatchItem } from 'drizzle-orm/batch'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { emptyPlanBytes } from '../../src/action-plans/weight.ts'
import { audienceOf } from '../../src/access/store.ts'
import { focusBitsOf } from '../../src/actions/facets.ts'
import { derive } from '../../src/actions/lifecycle.ts'
import { actionBytes } from '../../src/actions/weight.ts'
import {
  actionAssignees,
  actionFocusItems,
  actionHierarchies,
  actions,
  companies,
  hierarchies,
  notes,
  plans,
  users,
} from '../../src/db/schema.ts'
import { fold } from '../../src/platform/text.ts'
import type { DemoAction, DemoCompany, DemoPlan } from './content.ts'
import { entryInserts, type Happened, stepsTo } from './history.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const FOUNDED_DAY = -120

type Insert = BatchItem<'sqlite'>

/** Turns what is told of one company into inserts, parents before children. One row each: D1 binds at most 100 values. */
export class CompanyRows {
  readonly #database: DrizzleD1Database
  readonly #company: DemoCompany
  readonly #now: number
  readonly #companyId: string
  readonly #happened: Happened[] = []

  constructor(database: DrizzleD1Database, company: DemoCompany, now: number) {
    this.#database = database
    this.#company = company
    this.#now = now
    this.#companyId = company.id ?? this.#id('company', FOUNDED_DAY)
  }

  inserts(): Insert[] {
    const { name, timeZone, people, areas, plans: told } = this.#company
    return [
      this.#database
        .insert(companies)
        .values({ id: this.#companyId, name, timeZone, ...this.#times(FOUNDED_DAY) }),
      ...people.map(({ email, ...person }) =>
        this.#database.insert(users).values({
          ...person,
          id: this.#personId(nameIn(email)),
          companyId: this.#companyId,
          email,
          emailKey: email.toLowerCase(),
          nameFolded: fold(person.name),
          ...this.#times(FOUNDED_DAY),
        }),
      ),
      ...areas.map((area) =>
        this.#database.insert(hierarchies).values({
          id: this.#areaId(area.name),
          companyId: this.#companyId,
          parentId: area.parent === undefined ? null : this.#areaId(area.parent),
          name: area.name,
          ...this.#times(FOUNDED_DAY),
        }),
      ),
      ...told.flatMap((plan) => this.#plan(plan)),
      // The plans have told by now what happened to them.
      ...entryInserts(this.#database, this.#companyId, this.#happened, ({ at }, number) =>
        this.#id(`entry ${String(number)}`, (at - this.#now) / DAY_MS),
      ),
    ]
  }

  #plan({
    id: known,
    title,
    description,
    visibility,
    creator,
    createdDay,
    actions: told,
  }: DemoPlan): Insert[] {
    const id = known ?? this.#id(`plan ${title}`, createdDay)
    const row = { id, companyId: this.#companyId, title, description, visibility }
    const contentBytes = emptyPlanBytes(row)
    this.#tell(createdDay, creator, { type: 'plan.created', planId: id, actionId: null, title })
    return [
      this.#database
        .insert(plans)
        .values({ ...row, contentBytes, createdBy: this.#personId(creator), ...this.#times(createdDay) }),
      ...told.flatMap((action) => this.#action(id, action)),
    ]
  }

  #action(planId: string, action: DemoAction): Insert[] {
    const id = action.id ?? this.#id(`action ${action.title}`, action.createdDay)
    const assignees = action.assignees.map((assignee, position) => ({
      actionId: id,
      userId: this.#personId(assignee.name),
      isCreator: assignee.name === action.creator,
      createdAt: this.#times(action.createdDay).createdAt,
      dueDate: this.#time(action.dueDay),
      position,
      status: assignee.status,
      startedAt: this.#time(assignee.startedDay),
      finishedAt: this.#time(assignee.finishedDay),
    }))
    const life = derive(assignees)
    const { createdAt } = this.#times(action.createdDay)
    const visibility = action.visibility ?? null
    const createdBy = this.#personId(action.creator)
    const about = { planId, actionId: id, title: action.title }
    this.#tell(action.createdDay, action.creator, { type: 'action.created', ...about })
    for (const { by, ...step } of stepsTo(assignees)) {
      this.#happened.push({ ...about, ...step, type: 'action.status_changed', actorId: by })
    }
    for (const note of action.notes ?? []) {
      const changes = { noteId: { before: null, after: this.#noteId(note) } }
      this.#tell(note.day, note.author, { type: 'note.added', ...about, changes })
    }
    return [
      this.#database.insert(actions).values({
        id,
        companyId: this.#companyId,
        planId,
        title: action.title,
        titleFolded: fold(action.title),
        description: action.description,
        descriptionFolded: fold(action.description),
        actionType: action.type ?? 'MANAGER',
        origin: action.origin ?? 'MANUAL',
        visibility,
        audience: audienceOf({ planId, visibility, createdBy }),
        focusBits: focusBitsOf((action.focus ?? []).map(({ type }) => ({ focusType: type }))),
        dueDate: this.#time(action.dueDay),
        status: life.status,
        startedAt: life.startedAt,
        finishedAt: life.finishedAt,
        contentBytes: actionBytes({
          title: action.title,
          description: action.description,
          assignees,
          hierarchyIds: action.areas ?? [],
          focusItems: (action.focus ?? []).map(({ id: focusId }) => ({ focusId: focusId ?? null })),
        }),
        createdBy,
        createdAt,
        updatedAt: Math.max(createdAt, life.startedAt ?? 0, life.finishedAt ?? 0),
      }),
      ...assignees.map((row) => this.#database.insert(actionAssignees).values(row)),
      ...(action.focus ?? []).map(({ type, id: focusId }, position) =>
        this.#database.insert(actionFocusItems).values({
          actionId: id,
          position,
          focusType: type,
          focusId: focusId ?? null,
        }),
      ),
      ...(action.areas ?? []).map((area, position) =>
        this.#database
          .insert(actionHierarchies)
          .values({ actionId: id, hierarchyId: this.#areaId(area), position }),
      ),
      ...(action.notes ?? []).map((note) =>
        this.#database.insert(notes).values({
          id: this.#noteId(note),
          actionId: id,
          authorId: this.#personId(note.author),
          text: note.text,
          createdAt: this.#now + note.day * DAY_MS,
        }),
      ),
    ]
  }

  /** Notes what somebody did. Nothing is known of what came from elsewhere. */
  #tell(day: number, who: string | null, what: Omit<Happened, 'at' | 'actorId'>): void {
    if (who !== null)
      this.#happened.push({ ...what, at: this.#now + day * DAY_MS, actorId: this.#personId(who) })
  }

  #time(day: number | undefined): number | null {
    return day === undefined ? null : this.#now + day * DAY_MS
  }

  #times(day: number): { createdAt: number; updatedAt: number } {
    const time = this.#now + day * DAY_MS
    return { createdAt: time, updatedAt: time }
  }

  #personId(name: string): string
  #personId(name: string | null): string | null
  #personId(name: string | null): string | null {
    if (name === null) return null
    const person = this.#company.people.find(({ email }) => nameIn(email) === name)
    return person?.id ?? this.#id(`person ${name}`, FOUNDED_DAY)
  }

  #areaId(name: string): string {
    const area = this.#company.areas.find((each) => each.name === name)
    return area?.id ?? this.#id(`area ${name}`, FOUNDED_DAY)
  }

  #noteId({ id, text, day }: { id?: string; text: string; day: number }): string {
    return id ?? this.#id(`note ${text}`, day)
  }

  /** An id in the product's form whose second half is the same in every run. */
  #id(what: string, day: number): string {
    const seconds = Math.floor((this.#now + day * DAY_MS) / 1000)
    const rest = createHash('sha256').update(`${this.#company.name} ${what}`).digest('hex')
    return seconds.toString(16).padStart(8, '0') + rest.slice(0, 16)
  }
}

/** How the content calls a person: the part of the address before the @. */
function nameIn(email: string): string {
  return email.split('@', 1)[0] ?? ''
}
