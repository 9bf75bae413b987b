/**
 * From table to type, in one way: what a query selects is a record of columns and expressions, and both the SQL and
 * the type of a row are made from it. Whatever drizzle's builder can say begins with `select`; for the rest there are
 * `selectRaw` and `insertSelect`. A renamed column is a compile error everywhere.
 */
import { type Column, type GetColumnData, getTableColumns, is, SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import type { SQLiteRaw } from 'drizzle-orm/sqlite-core/query-builders/raw'
import type { SelectedFields, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

/** What to select, by the names that a row gets. */
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

/** A row of that selection. */
export type RowOf<S> = { -readonly [Name in keyof S]: ValueOf<S[Name]> }

type AliasedOf<S extends Selection> = {
  [Name in keyof S]: S[Name] extends Selection ? AliasedOf<S[Name]> : SQL.Aliased<ValueOf<S[Name]>>
}

/** What the builder takes; a mapped type of a type parameter does not show that it is. */
type FieldsOf<S extends Selection> = AliasedOf<S> extends infer Fields extends SelectedFields ? Fields : never

/**
 * The same selection with each column under a name of its own: in a batch, D1 answers objects, in which two columns of
 * one name would be one (drizzle 0.45 then maps them wrong).
 */
function aliased<S extends Selection>(selection: S, prefix = ''): AliasedOf<S> {
  const entries = Object.entries(selection).map(([name, field]) => {
    const alias = prefix + name
    if (!isExpression(field)) return [name, aliased(field, `${alias}.`)]
    return [name, sql`${field}`.mapWith(decoderOf(field)).as(alias)]
  })
  // Built name by name from the selection.
  return Object.fromEntries(entries) as AliasedOf<S>
}

/** Begins a query of drizzle's builder. */
export function select<S extends Selection>(database: DrizzleD1Database, selection: S) {
  return database.select(aliased(selection) as FieldsOf<S>)
}

/**
 * A query that the builder cannot say: window functions, recursion, materialised parts.
 * @param query makes it from the list of columns; each has the name that the selection gives it
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
    // Only batches are used, and drizzle asks this of each of their statements.
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

/** The row whose values `read` gives by name, those of a selection inside by `outer.inner`. */
function decoded<S extends Selection>(selection: S, read: (name: string) => unknown, prefix = ''): RowOf<S> {
  const entries = Object.entries(selection).map(([name, field]) => {
    if (!isExpression(field)) return [name, decoded(field, read, `${prefix}${name}.`)]
    return [name, decodedValue(field, read(prefix + name))]
  })
  // Each value was decoded by the column or expression that the type is made from.
  return Object.fromEntries(entries) as RowOf<S>
}

function decodedValue(field: SQLiteColumn | SQL, value: unknown): unknown {
  return value === null || value === undefined ? null : decoderOf(field).mapFromDriverValue(value)
}

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

function decoderOf(field: SQLiteColumn | SQL): Decoder {
  // An expression has the decoder that `mapWith` gave it; drizzle hides the member from its types.
  return is(field, SQL) ? (field as unknown as { decoder: Decoder }).decoder : field
}

function isExpression(field: SQLiteColumn | SQL | Selection): field is SQLiteColumn | SQL {
  return 'getSQL' in field && typeof field.getSQL === 'function'
}

/** The statement that inserts what a query gives; `from` is all that follows the selected values. */
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

/** `ON CONFLICT (target) DO UPDATE SET …`, for `insertSelect`. The columns are those of one table. */
export function onConflictUpdate(
  target: readonly SQLiteColumn[],
  set: readonly (readonly [SQLiteColumn, SQL])[],
): SQL {
  const names = target.map((column) => sql.identifier(column.name))
  const updates = set.map(([column, value]) => sql`${sql.identifier(column.name)} = ${value}`)
  return sql`ON CONFLICT (${sql.join(names, sql`, `)}) DO UPDATE SET ${sql.join(updates, sql`, `)}`
}

/** In an upsert: what was to be inserted. */
export function excluded(column: SQLiteColumn): SQL {
  return sql`excluded.${sql.identifier(column.name)}`
}

/** A list of values or objects as one parameter, since D1 takes at most 100 of them; a row for each item. */
export function eachOf<Item>(items: readonly Item[]) {
  return {
    rows: sql`json_each(${JSON.stringify(items)})`,
    /** The item's place, from 0. */
    index: sql<number>`key`,
    value: sql<Item>`value`,
    member: (name: keyof Item & string) => sql`value ->> ${name}`,
  }
}

/** Whether the column is one of the values, which travel as one parameter. */
export function isOneOf(column: SQLWrapper, values: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM ${eachOf(values).rows})`
}

/** All conditions at once; with none it holds. */
export function allOf(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`1` : sql.join([...conditions], sql` AND `)
}

/** Those members of `after` that differ from `before`, for an update that leaves the other columns alone. */
export function changedMembers<Row extends object>(before: Row, after: Row): Partial<Row> {
  const entries = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Row]),
  )
  // Only names and values of the row itself.
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

/** Reads what `jsonObject` of the same selection wrote, as text or already parsed. */
export function readJsonObject<S extends Selection>(selection: S, value: unknown): RowOf<S> {
  // Written by SQL from the same selection.
  const object = (typeof value === 'string' ? JSON.parse(value) : value) as Record<string, unknown>
  const entries = Object.entries(selection).map(([name, field]) => [
    name,
    isExpression(field) ? decodedValue(field, object[name]) : readJsonObject(field, object[name]),
  ])
  return Object.fromEntries(entries) as RowOf<S>
}

/**
 * The rows of a query as one JSON text, in the order of `position`: JSON arrays have no order of their own in SQL.
 * @param from what follows the selected values: FROM and WHERE
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

/** Like `jsonRows`, for one column: just its values. */
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
