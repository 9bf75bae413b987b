/**
 * From tables to types: a query selects a record of columns and expressions, and both its SQL and the type of its rows
 * are made from that record. Queries of drizzle's builder begin with `select`; `selectRaw` and `insertSelect` are for
 * the rest. A column that is renamed is then a compile error everywhere.
 */
import { type Column, type GetColumnData, getTableColumns, is, SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import type { SQLiteRaw } from 'drizzle-orm/sqlite-core/query-builders/raw'
import type { SelectedFields, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

/** The columns and expressions to select, by the names that they get in a row. */
export interface Selection {
  readonly [name: string]: SQLiteColumn | SQL | Selection
}

type ValueOf<Field> =
  Field extends Column<infer Config>
    ? GetColumnData<Column<Config>>
    : Field extends SQL<infer Value>
      ? Value
      : Field extends Selection
        ? RowOf<Field>
        : never

/** A row of a selection. */
export type RowOf<S> = { -readonly [Name in keyof S]: ValueOf<S[Name]> }

type AliasedOf<S extends Selection> = {
  [Name in keyof S]: S[Name] extends Selection ? AliasedOf<S[Name]> : SQL.Aliased<ValueOf<S[Name]>>
}

/**
 * The selection as drizzle's builder accepts it. The conditional type is needed because TypeScript cannot see that a
 * mapped type of a type parameter fits.
 */
type FieldsOf<S extends Selection> = AliasedOf<S> extends infer Fields extends SelectedFields ? Fields : never

/**
 * The selection with a unique alias for each column. In a batch, D1 returns rows as objects, so two columns of one name
 * would become one, and drizzle 0.45 would map them to the wrong members.
 */
function aliased<S extends Selection>(selection: S, prefix = ''): AliasedOf<S> {
  const entries = Object.entries(selection).map(([name, field]) => {
    const alias = prefix + name
    if (!isExpression(field)) return [name, aliased(field, `${alias}.`)]
    return [name, sql`${field}`.mapWith(decoderOf(field)).as(alias)]
  })
  // The entries have the names and types of the selection.
  return Object.fromEntries(entries) as AliasedOf<S>
}

/** Begins a query of drizzle's builder; its rows have the type `RowOf` of the selection. */
export function select<S extends Selection>(database: DrizzleD1Database, selection: S) {
  return database.select(aliased(selection) as FieldsOf<S>)
}

/**
 * A query that drizzle's builder cannot express: window functions, recursion, materialised parts.
 * @param query builds the SQL from the list of columns, each of which has the name that the selection gives it
 */
export function selectRaw<S extends Selection>(
  database: DrizzleD1Database,
  selection: S,
  query: (columns: SQL) => SQL,
): SQLiteRaw<RowOf<S>[]> {
  const fields = Object.entries(flat(selection))
  const columns = fields.map(([name, field]) => sql`${field} AS ${sql.identifier(name)}`)
  const raw = database.all<RowOf<S>>(query(sql.join(columns, sql`, `)))
  return Object.assign(raw, {
    // All statements run in batches, and a batch of drizzle calls `mapResult` of each.
    mapResult: ({ results }: { results: Record<string, unknown>[] }) =>
      results.map((row) => decoded(selection, (name) => row[name])),
  })
}

function flat(selection: Selection, prefix = ''): Record<string, SQLiteColumn | SQL> {
  return Object.fromEntries(
    Object.entries(selection).flatMap(([name, field]) =>
      isExpression(field) ? [[prefix + name, field]] : Object.entries(flat(field, `${prefix}${name}.`)),
    ),
  )
}

/** Builds a row from the values that `read` returns by name; the name inside a nested selection is `outer.inner`. */
function decoded<S extends Selection>(selection: S, read: (name: string) => unknown, prefix = ''): RowOf<S> {
  const entries = Object.entries(selection).map(([name, field]) => {
    if (!isExpression(field)) return [name, decoded(field, read, `${prefix}${name}.`)]
    return [name, decodedValue(field, read(prefix + name))]
  })
  // Each value was decoded by the column or expression that its type comes from.
  return Object.fromEntries(entries) as RowOf<S>
}

function decodedValue(field: SQLiteColumn | SQL, value: unknown): unknown {
  return value === null || value === undefined ? null : decoderOf(field).mapFromDriverValue(value)
}

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

function decoderOf(field: SQLiteColumn | SQL): Decoder {
  // `mapWith` sets the decoder of an expression; drizzle hides that member from its types.
  return is(field, SQL) ? (field as unknown as { decoder: Decoder }).decoder : field
}

function isExpression(field: SQLiteColumn | SQL | Selection): field is SQLiteColumn | SQL {
  return 'getSQL' in field && typeof field.getSQL === 'function'
}

/** INSERT … SELECT: `values` are the selected values by column, `from` is the SQL after them. */
export function insertSelect<T extends SQLiteTable>(
  database: DrizzleD1Database,
  table: T,
  values: { [Name in keyof T['$inferInsert']]: T['$inferInsert'][Name] | SQLWrapper },
  from: SQL,
) {
  const columns: Record<string, SQLiteColumn> = getTableColumns(table)
  const entries = Object.entries(values).map(([name, value]) => {
    const column = columns[name]
    if (!column) throw new Error(`No column ${name}`)
    return { name: sql.identifier(column.name), value: isWrapped(value) ? value : sql.param(value, column) }
  })
  const names = entries.map(({ name }) => name)
  const selected = entries.map(({ value }) => sql`${value}`)
  return database.run(
    sql`INSERT INTO ${table} (${sql.join(names, sql`, `)}) SELECT ${sql.join(selected, sql`, `)} ${from}`,
  )
}

function isWrapped(value: unknown): value is SQLWrapper {
  return typeof value === 'object' && value !== null && 'getSQL' in value
}

/** `ON CONFLICT (target) DO UPDATE SET …`, for `insertSelect`. All columns belong to one table. */
export function onConflictUpdate(
  target: readonly SQLiteColumn[],
  set: readonly (readonly [SQLiteColumn, SQL])[],
): SQL {
  const names = target.map((column) => sql.identifier(column.name))
  const updates = set.map(([column, value]) => sql`${sql.identifier(column.name)} = ${value}`)
  return sql`ON CONFLICT (${sql.join(names, sql`, `)}) DO UPDATE SET ${sql.join(updates, sql`, `)}`
}

/** The value that an upsert was to insert into the column. */
export function excluded(column: SQLiteColumn): SQL {
  return sql`excluded.${sql.identifier(column.name)}`
}

/** A list of values or objects as one bound parameter, since D1 takes at most 100 parameters; a row for each item. */
export function eachOf<Item>(items: readonly Item[]) {
  return {
    rows: sql`json_each(${JSON.stringify(items)})`,
    /** The item's position, from 0. */
    index: sql<number>`key`,
    value: sql<Item>`value`,
    member: (name: keyof Item & string) => sql`value ->> ${name}`,
  }
}

/** Condition: the column is one of the values, which are bound as one parameter. */
export function isOneOf(column: SQLWrapper, values: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM ${eachOf(values).rows})`
}

/** All conditions joined by AND; 1 (true) if there are none. */
export function allOf(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`1` : sql.join([...conditions], sql` AND `)
}

/** The members of `after` that differ from `before`, so that an update writes no other columns. */
export function changedMembers<Row extends object>(before: Row, after: Row): Partial<Row> {
  const entries = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Row]),
  )
  // The entries are members of the row.
  return Object.fromEntries(entries) as Partial<Row>
}

/** A JSON object with the selection's members. */
export function jsonObject<S extends Selection>(selection: S): SQL<RowOf<S>> {
  const members = Object.entries(selection).map(([name, field]) => {
    if (!isExpression(field)) return sql`${sql.raw(quoted(name))}, ${jsonObject(field)}`
    return sql`${sql.raw(quoted(name))}, ${field}`
  })
  return sql`json_object(${sql.join(members, sql`, `)})`.mapWith((value: unknown) =>
    readJsonObject(selection, value),
  )
}

/** Reads the JSON that `jsonObject` of the same selection wrote, as text or parsed. */
export function readJsonObject<S extends Selection>(selection: S, value: unknown): RowOf<S> {
  // `jsonObject` wrote this text from the same selection.
  const object = (typeof value === 'string' ? JSON.parse(value) : value) as Record<string, unknown>
  const entries = Object.entries(selection).map(([name, field]) => [
    name,
    isExpression(field) ? decodedValue(field, object[name]) : readJsonObject(field, object[name]),
  ])
  return Object.fromEntries(entries) as RowOf<S>
}

/**
 * An expression with the rows of a query as one JSON text. They are sorted by `position` when read, since SQLite does
 * not define the order of aggregated JSON.
 * @param from the SQL after the selected values: FROM and WHERE
 */
export function jsonRows<S extends Record<string, SQLiteColumn>>(
  position: SQLiteColumn,
  selection: S,
  from: SQL,
): SQL<RowOf<S>[]> {
  const values = sql.join([position, ...Object.values(selection)], sql`, `)
  return sql`(SELECT json_group_array(json_array(${values})) ${from})`.mapWith((value: unknown) => {
    const rows = (typeof value === 'string' ? JSON.parse(value) : value) as [number, ...unknown[]][]
    return rows
      .toSorted(([left], [right]) => left - right)
      .map(([, ...items]) => {
        const entries = Object.entries(selection).map(([name, column], index) => [
          name,
          decodedValue(column, items[index]),
        ])
        return Object.fromEntries(entries) as RowOf<S>
      })
  })
}

/** Like `jsonRows`, but for one column and with its values instead of rows. */
export function jsonValues<Column extends SQLiteColumn>(
  position: SQLiteColumn,
  column: Column,
  from: SQL,
): SQL<ValueOf<Column>[]> {
  const rows = jsonRows(position, { value: column }, from)
  const readRows = decoderOf(rows)
  return sql`${rows}`.mapWith((value: unknown) => {
    const items = readRows.mapFromDriverValue(value) as { value: ValueOf<Column> }[]
    return items.map((item) => item.value)
  })
}

function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`
}
