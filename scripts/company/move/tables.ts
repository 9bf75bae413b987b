/**
 * The tables whose rows move with a company, and how its rows are found in each: through the ids of rows of another table,
 * by an index. Columns, keys and order follow from the schema.
 */
import { getTableName, is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../../../src/db/schema.ts'

/** Of each table that moves, the column through which a company's rows are found. */
export const THROUGH: Readonly<Record<string, string>> = {
  companies: 'id',
  users: 'company_id',
  hierarchies: 'id',
  plans: 'company_id',
  actions: 'plan_id',
  action_assignees: 'action_id',
  action_focus_items: 'action_id',
  action_hierarchies: 'action_id',
  notes: 'action_id',
  audience_counts: 'company_id',
  readable_totals: 'company_id',
  sign_in_codes: 'user_id',
  idempotency_records: 'company_id',
  exports: 'requested_by',
  export_files: 'export_id',
  export_actions: 'export_id',
  export_plans: 'export_id',
  export_hierarchies: 'export_id',
  export_notes: 'export_id',
  link_mails: 'user_id',
  reminders: 'user_id',
  calendars: 'user_id',
  history: 'company_id',
  webhooks: 'company_id',
  webhook_cursors: 'company_id',
  webhook_deliveries: 'webhook_id',
  sessions: 'user_id',
  access_keys: 'user_id',
}

/** Tables that are about a database and not about a company in it. */
export const STAYING: readonly string[] = ['company_places', 'addresses', 'write_guards', 'sweep_cursors']

/** With these a caller is known in a database. They come last, when all that the caller may read is there. */
export const CREDENTIALS: readonly string[] = ['sessions', 'access_keys']

/**
 * What triggers change when rows are inserted (docs/triggers.md), and again when these columns are set, in the order in which
 * setting one disturbs none before it. '*': all but the key.
 */
const KEPT: readonly (readonly [string, readonly string[]])[] = [
  ['hierarchies', ['revision']],
  ['actions', ['note_count', 'note_bytes', 'tree_revision']],
  ['plans', ['facets', 'action_count', 'content_bytes', 'note_count', 'note_bytes']],
  ['webhook_cursors', ['is_behind']],
  ['audience_counts', ['*']],
  ['readable_totals', ['*']],
  [
    'companies',
    [
      ...['stored_bytes', 'hierarchy_count', 'hierarchy_bytes'],
      ...['history_number', 'history_bytes', 'history_floor'],
    ],
  ],
]

export interface MovedTable {
  name: string
  /** The columns of the primary key. */
  key: readonly string[]
  /** All that are stored: generated ones are not. */
  columns: readonly string[]
  /** The column through which rows are found, and the table whose ids it has; its own for the first rows of all. */
  through: string
  parent: string
}

/** What is set to the numbers of the source once all rows are there. */
export interface KeptNumbers {
  table: MovedTable
  columns: readonly string[]
}

/** Every table of the schema by name. */
export function schemaTables(): ReadonlyMap<string, ReturnType<typeof getTableConfig>> {
  const tables = Object.values(schema).filter((each) => is(each, SQLiteTable))
  return new Map(tables.map((table) => [getTableName(table), getTableConfig(table)]))
}

/** The tables that move, each after those that it refers to, credentials last. */
export function movedTables(): readonly MovedTable[] {
  const configs = schemaTables()
  const ordered: string[] = []
  const place = (name: string) => {
    if (ordered.includes(name) || !(name in THROUGH)) return
    const references = configs.get(name)?.foreignKeys.map((key) => getTableName(key.reference().foreignTable))
    for (const other of references ?? []) if (other !== name) place(other)
    ordered.push(name)
  }
  for (const name of Object.keys(THROUGH)) if (!CREDENTIALS.includes(name)) place(name)
  for (const name of CREDENTIALS) place(name)
  return ordered.map((name) => describe(name, configs.get(name)))
}

export function keptNumbers(tables: readonly MovedTable[]): readonly KeptNumbers[] {
  return KEPT.map(([name, columns]) => {
    const table = tableNamed(tables, name)
    return {
      table,
      columns: columns.includes('*') ? table.columns.filter((each) => !table.key.includes(each)) : columns,
    }
  })
}

export function tableNamed(tables: readonly MovedTable[], name: string): MovedTable {
  const table = tables.find((each) => each.name === name)
  if (!table) throw new Error(`No table ${name} moves`)
  return table
}

function describe(name: string, config: ReturnType<typeof getTableConfig> | undefined): MovedTable {
  const through = THROUGH[name]
  if (!config || through === undefined) throw new Error(`The schema has no table ${name}`)
  const stored = config.columns.filter((column) => column.generated === undefined)
  const key =
    config.primaryKeys[0]?.columns.map((column) => column.name) ??
    stored.filter((column) => column.primary).map((column) => column.name)
  const reference = config.foreignKeys
    .map((each) => each.reference())
    .find(({ columns: [column, further] }) => column?.name === through && further === undefined)
  return {
    name,
    key,
    columns: stored.map((column) => column.name),
    through,
    parent: reference ? getTableName(reference.foreignTable) : name,
  }
}
