/** The heaviest lawful company: each limit of src/platform/limits.ts in turn filled to the brim, in texts of 4-byte characters. */
import { sql } from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { emptyPlanBytes } from '../../src/action-plans/weight.ts'
import { audienceOf } from '../../src/access/store.ts'
import { focusBitsOf } from '../../src/actions/facets.ts'
import { actionBytes } from '../../src/actions/weight.ts'
import { newId } from '../../src/platform/new-id.ts'
import { LIMITS } from '../../src/platform/limits.ts'
import { fold } from '../../src/platform/text.ts'

const EMOJI = '😀'
const LONG_TITLE = EMOJI.repeat(200)
const LONG_TEXT = EMOJI.repeat(5000)
/** One character beyond Latin-1 makes V8 keep two bytes for each of the others. */
const WIDE_TEXT = `${'a'.repeat(4999)}${EMOJI}`
const LONG_NAME = EMOJI.repeat(64)
/** Within this, further plans may lie beside the brimful ones. */
const PAGE_OF_PLANS = 100

export interface HeavyCompany {
  companyId: string
  adminId: string
  /** A colleague, who sees only what is PUBLIC: all of it. */
  managerId: string
  /** Plans filled to the brim, by what fills them. */
  plans: Record<string, string>
  /** An action with as many notes as it can have. */
  notedActionId: string
}

interface Filling {
  title?: string
  description?: string
  assignees?: number
  areas?: number
  focusItems?: number
  /** As many as fit when omitted. */
  actions?: number
}

/** Fills a migrated database; `size` below 1 makes less of it, for a quick look. */
export async function fillCompany(
  database: DrizzleD1Database,
  size: number,
  now: number,
): Promise<HeavyCompany> {
  const companyId = newId(now)
  const people = Array.from({ length: LIMITS.assigneesPerAction.most }, () => newId(now))
  const areas = Array.from({ length: Math.ceil(LIMITS.areasPerCompany.most * size) }, () => newId(now))
  const [adminId = '', managerId = ''] = people
  const fill = new Filler(database, companyId, adminId, people, areas, size, now)
  await database.run(
    sql`INSERT INTO companies (id, name, created_at, updated_at) VALUES (${companyId}, ${LONG_TITLE}, ${now}, ${now})`,
  )
  await fill.people()
  await fill.areas()
  const plans: Record<string, string> = {}
  const fillings: Record<string, Filling> = {
    'texts of emoji': { title: LONG_TITLE, description: LONG_TEXT },
    'texts with one emoji': { description: WIDE_TEXT },
    assignees: { assignees: LIMITS.assigneesPerAction.most },
    areas: { areas: LIMITS.areasPerAction.most },
    'focus ids': { focusItems: LIMITS.focusItemsPerAction.most },
    'all lists': {
      title: LONG_TITLE,
      assignees: LIMITS.assigneesPerAction.most,
      areas: LIMITS.areasPerAction.most,
      focusItems: LIMITS.focusItemsPerAction.most,
    },
    actions: { assignees: 1 },
  }
  for (const [name, filling] of Object.entries(fillings)) plans[name] = (await fill.plan(filling)).planId
  const noted = await fill.plan({ actions: Math.ceil(20 * size) })
  await fill.notes(noted.planId)
  plans.notes = noted.planId
  return { companyId, adminId, managerId, plans, notedActionId: noted.actionIds[0] ?? '' }
}

/** An ordinary one: 100 plans of 20 actions with 4 assignees each. */
export async function fillOrdinary(database: DrizzleD1Database, now: number): Promise<HeavyCompany> {
  const companyId = newId(now)
  const people = Array.from({ length: 8 }, () => newId(now))
  const [adminId = '', managerId = ''] = people
  const fill = new Filler(database, companyId, adminId, people, [], 1, now)
  await database.run(
    sql`INSERT INTO companies (id, name, created_at, updated_at) VALUES (${companyId}, 'Ordinary', ${now}, ${now})`,
  )
  await fill.people('Ana García Martínez')
  for (let plan = 0; plan < PAGE_OF_PLANS; plan += 1) {
    await fill.plan({
      title: 'Talk about workload',
      description: 'Once a week. '.repeat(12),
      assignees: 4,
      actions: 20,
    })
  }
  return { companyId, adminId, managerId, plans: {}, notedActionId: '' }
}

class Filler {
  readonly #database: DrizzleD1Database
  readonly #companyId: string
  readonly #adminId: string
  readonly #people: readonly string[]
  readonly #areas: readonly string[]
  readonly #size: number
  readonly #now: number

  constructor(
    database: DrizzleD1Database,
    companyId: string,
    adminId: string,
    people: readonly string[],
    areas: readonly string[],
    size: number,
    now: number,
  ) {
    this.#database = database
    this.#companyId = companyId
    this.#adminId = adminId
    this.#people = people
    this.#areas = areas
    this.#size = size
    this.#now = now
  }

  async people(name = LONG_NAME): Promise<void> {
    await this.#database.run(sql`
      INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
      SELECT value, ${this.#companyId}, value || '@heavy.test', value || '@heavy.test', ${name}, ${fold(name)},
        CASE WHEN key = 0 THEN 'ADMIN' ELSE 'MANAGER' END, ${this.#now}, ${this.#now}
      FROM json_each(${JSON.stringify(this.#people)})`)
  }

  /** One long chain with a bush at its end. */
  async areas(): Promise<void> {
    await this.#database.run(sql`
      INSERT INTO hierarchies (id, company_id, name, parent_id, created_at, updated_at)
      SELECT value, ${this.#companyId}, ${LONG_TITLE}, NULL, ${this.#now}, ${this.#now}
      FROM json_each(${JSON.stringify(this.#areas)})`)
  }

  async plan(filling: Filling): Promise<{ planId: string; actionIds: string[] }> {
    const { title = 'x', description = '', assignees = 1, areas = 0, focusItems = 0 } = filling
    const focusIds = Array.from({ length: focusItems }, () => ({
      focusType: 'SCORE' as const,
      focusId: LONG_TITLE,
    }))
    const weight = actionBytes({
      ...{ title, description, focusItems: focusIds },
      assignees: Array.from({ length: assignees }),
      hierarchyIds: Array.from({ length: areas }),
    })
    const own = { title: 'A plan that is full', description }
    const room = LIMITS.bytesPerPlan.most - emptyPlanBytes(own)
    const most = Math.min(LIMITS.actionsPerPlan.most, Math.floor(room / weight))
    const count = filling.actions ?? Math.max(1, Math.floor(most * this.#size))
    const planId = newId(this.#now)
    const actionIds = Array.from({ length: count }, () => newId(this.#now))
    const ids = JSON.stringify(actionIds)
    const now = this.#now
    const audience = audienceOf({ planId, visibility: null, createdBy: this.#adminId })
    for (const statement of [
      sql`
        INSERT INTO plans (id, company_id, title, description, visibility, created_by, content_bytes, created_at, updated_at)
        VALUES (${planId}, ${this.#companyId}, ${own.title}, ${own.description}, 'PUBLIC', ${this.#adminId},
          ${emptyPlanBytes(own)}, ${now}, ${now})`,
      sql`
        INSERT INTO actions (id, company_id, plan_id, title, description, title_folded, description_folded, action_type,
          origin, audience, focus_bits, status, due_date, content_bytes, created_by, created_at,
          updated_at)
        SELECT value, ${this.#companyId}, ${planId}, ${title}, ${description}, ${title}, ${description}, 'MANAGER',
          'MANUAL', ${audience}, ${focusBitsOf(focusIds)}, 'NOT_STARTED', ${now + 86_400_000}, ${weight}, ${this.#adminId}, ${now} + key, ${now}
        FROM json_each(${ids})`,
      sql`
        INSERT INTO action_assignees (action_id, user_id, position, status, is_creator, created_at, due_date)
        SELECT a.value, p.value, p.key, 'NOT_STARTED', p.value = ${this.#adminId}, ${now} + a.key, ${now + 86_400_000} FROM json_each(${ids}) a
          CROSS JOIN json_each(${JSON.stringify(this.#people.slice(0, assignees))}) p`,
      sql`
        INSERT INTO action_hierarchies (action_id, hierarchy_id, position)
        SELECT a.value, h.value, h.key FROM json_each(${ids}) a
          CROSS JOIN json_each(${JSON.stringify(this.#areas.slice(0, areas))}) h`,
      sql`
        INSERT INTO action_focus_items (action_id, position, focus_type, focus_id)
        SELECT a.value, f.key, 'SCORE', ${LONG_TITLE} FROM json_each(${ids}) a
          CROSS JOIN json_each(${JSON.stringify(focusIds)}) f`,
    ])
      await this.#database.run(statement)
    return { planId, actionIds }
  }

  /** As many as a plan can have, an action after the other. */
  async notes(planId: string): Promise<void> {
    const each = Math.floor(LIMITS.noteBytesPerAction.most / (4 * 5000))
    const inAll = Math.floor((LIMITS.noteBytesPerPlan.most * this.#size) / (4 * 5000))
    const actionIds = await this.#database.all<{ id: string }>(
      sql`SELECT id FROM actions WHERE plan_id = ${planId} ORDER BY created_at, id`,
    )
    let left = inAll
    for (const { id: actionId } of actionIds) {
      const ids = Array.from({ length: Math.min(each, left) }, () => newId(this.#now))
      left -= ids.length
      await this.#database.run(sql`
        INSERT INTO notes (id, action_id, author_id, text, created_at)
        SELECT value, ${actionId}, ${this.#adminId}, ${LONG_TEXT}, ${this.#now} FROM json_each(${JSON.stringify(ids)})`)
    }
  }
}
