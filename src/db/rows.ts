/**
 * From tables to types: a query selects a record of columns and expressions, and both its SQL and the type of its rows
 * are made from that record. Queries of drizzle's builder begin with `select`; `selectRaw` and `insertSelect` are for
 * the rest. A column that is renamed is then a compile error everywhere.
 */
import {
  type Column,
  fillPlaceholders,
  type GetColumnData,
  getTableColumns,
  is,
  SQL,
  sql,
  type SQLWrapper,
} from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect'
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

type FieldsOf<S extends Selection> = {
  [Name in keyof S]: S[Name] extends Selection ? FieldsOf<S[Name]> : SQL.Aliased<ValueOf<S[Name]>>
}

/**
 * The selection's fields as drizzle's builder accepts them. The conditional type is needed because TypeScript cannot see
 * that a mapped type of a type parameter fits.
 */
type BuilderFieldsOf<S extends Selection> =
  FieldsOf<S> extends infer Fields extends SelectedFields ? Fields : never

/**
 * The selection with an alias for each field. D1 returns rows as objects, so two columns of one name would become one.
 */
function aliased<S extends Selection>(selection: S, prefix = ''): FieldsOf<S> {
  const entries = Object.entries(selection).map(([name, field]) => {
    const alias = prefix + name
    return [
      name,
      isExpression(field) ? sql`${field}`.mapWith(decoderOf(field)).as(alias) : aliased(field, `${alias}.`),
    ]
  })
  // The entries have the names and types of the selection.
  return Object.fromEntries(entries) as FieldsOf<S>
}

/** The aliased selections, made once each. */
const aliases = new WeakMap<Selection, unknown>()

/** The member of a query that holds the function that reads one of its rows; `batch` in platform/database.ts calls it. */
export const READ_ROW = Symbol('read row')

/** Begins a query of drizzle's builder; its rows have the type `RowOf` of the selection. */
export function select<S extends Selection>(database: DrizzleD1Database, selection: S) {
  const fields = aliases.get(selection) ?? aliased(selection)
  aliases.set(selection, fields)
  const builder = database.select(fields as BuilderFieldsOf<S>)
  const from = builder.from.bind(builder)
  // The query that `from` returns is the one that the further calls return as well.
  return Object.assign(builder, {
    from: ((source: SQLiteTable) =>
      Object.assign(from(source), { [READ_ROW]: rowReaderOf(selection) })) as typeof builder.from,
  })
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
  const raw = database.all<RowOf<S>>(query(columnsOf(selection)))
  return Object.assign(raw, { [READ_ROW]: rowReaderOf(selection) })
}

const dialect = new SQLiteAsyncDialect()

/** The SQL of inner selections by the prefix of their names: made once, since the list of an action has 25 columns. */
const columnLists = new WeakMap<Selection, Map<string, SQL>>()

function columnsOf(selection: Selection, prefix = ''): SQL {
  const each = Object.entries(selection).map(([name, field]) =>
    isExpression(field)
      ? sql`${field} AS ${sql.identifier(prefix + name)}`
      : innerColumns(field, `${prefix}${name}.`),
  )
  return sql.join(each, sql`, `)
}

function innerColumns(selection: Selection, prefix: string): SQL {
  const lists = columnLists.get(selection) ?? new Map<string, SQL>()
  columnLists.set(selection, lists)
  let columns = lists.get(prefix)
  if (columns === undefined) {
    const built = columnsOf(selection, prefix)
    const { sql: text, params } = dialect.sqlToQuery(built)
    columns = params.length === 0 ? sql.raw(text) : built
    lists.set(prefix, columns)
  }
  return columns
}

/**
 * Like `selectRaw`, for what nearly every request asks: the SQL is built with the first call and kept.
 * @param names of the values
 * @param selected makes the selection, `query` the SQL; their values are placeholders, which they may bind, but not look at
 */
export function prepared<Values extends object, S extends Selection>(
  names: readonly (keyof Values & string)[],
  selected: (values: Values) => S,
  query: (values: Values, columns: SQL) => SQL,
): (database: DrizzleD1Database, values: Values) => SQLiteRaw<RowOf<S>[]> {
  const build = () => {
    const places = names.map((name) => [name, sql.placeholder(name)])
    // drizzle takes a placeholder wherever it takes a value.
    const placeholders = Object.fromEntries(places) as unknown as Values
    const selection = selected(placeholders)
    return { ...dialect.sqlToQuery(query(placeholders, columnsOf(selection))), read: readerOf(selection) }
  }
  let built: ReturnType<typeof build> | undefined
  return (database, values) => {
    built ??= build()
    const filled = {
      sql: built.sql,
      params: fillPlaceholders(built.params, { ...values } as Record<string, unknown>),
    }
    const getQuery = () => filled
    // A raw statement as `batch` uses it.
    return Object.assign(database.all<RowOf<S>>(sql.raw(built.sql)), {
      getQuery,
      _prepare: () => ({ getQuery }),
      [READ_ROW]: built.read,
    })
  }
}

/** The expression as text, built once; it must bind no values. */
export function constant<Value>(expression: SQL<Value>): SQL<Value> {
  const { sql: text, params } = dialect.sqlToQuery(expression)
  if (params.length > 0) throw new Error('A constant expression binds no values')
  return sql.raw(text) as SQL<Value>
}

function flat(selection: Selection, prefix = ''): Record<string, SQLiteColumn | SQL> {
  return Object.fromEntries(
    Object.entries(selection).flatMap(([name, field]) =>
      isExpression(field) ? [[prefix + name, field]] : Object.entries(flat(field, `${prefix}${name}.`)),
    ),
  )
}

type Reader<S extends Selection = Selection> = (values: Values) => RowOf<S>

/** The readers of selections, made once each. */
const rowReaders = new WeakMap<Selection, Reader>()

/** `readerOf`, once for each selection. */
function rowReaderOf<S extends Selection>(selection: S): Reader<S> {
  const reader = rowReaders.get(selection) ?? readerOf(selection)
  rowReaders.set(selection, reader)
  // Made from this selection.
  return reader as Reader<S>
}

/**
 * Makes the function that builds rows of a selection. The decoders are looked up once, since there are many rows.
 * @param keyOf the key at which a row's values have the field, asked in the order of the selection; by default its name,
 *   which inside a nested selection is `outer.inner`
 */
function readerOf<S extends Selection>(
  selection: S,
  keyOf: (path: string) => string | number = (path) => path,
  prefix = '',
): Reader<S> {
  const members = Object.entries(selection).map(([name, field]) => {
    const path = prefix + name
    if (!isExpression(field)) return { name, read: readerOf(field, keyOf, `${path}.`) }
    const decoder = decoderOf(field)
    const key = keyOf(path)
    return { name, read: (values: Values) => decode(decoder, values[key]) }
  })
  return (values) => {
    const row: Record<string, unknown> = {}
    for (const { name, read } of members) row[name] = read(values)
    // Each value was decoded by the column or expression that its type comes from.
    return row as RowOf<S>
  }
}

/** By name, or by place in a list. */
type Values = Readonly<Record<string | number, unknown>>

function decode(decoder: Decoder, value: unknown): unknown {
  return value === null || value === undefined ? null : decoder.mapFromDriverValue(value)
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

/** The values of a row to insert, each a value or an expression. */
type InsertValues<T extends SQLiteTable> = {
  [Name in keyof T['$inferInsert']]: T['$inferInsert'][Name] | SQLWrapper
}

/**
 * INSERT … SELECT: `values` are the selected values by column, `from` is the SQL after them.
 * @param named common table expressions that both refer to
 */
export function insertSelect<T extends SQLiteTable>(
  database: DrizzleD1Database,
  table: T,
  values: InsertValues<T>,
  from: SQL,
  named: readonly SQL[] = [],
) {
  const insert = insertSelectSql(table, values, from)
  return database.run(
    named.length === 0 ? insert : sql`WITH RECURSIVE ${sql.join([...named], sql`, `)} ${insert}`,
  )
}

/** `insertSelect` that returns the columns of what it inserted. */
export function insertSelectReturning<T extends SQLiteTable, S extends Selection>(
  database: DrizzleD1Database,
  table: T,
  values: InsertValues<T>,
  from: SQL,
  returned: S,
) {
  return selectRaw(
    database,
    returned,
    (columns) => sql`${insertSelectSql(table, values, from)} RETURNING ${columns}`,
  )
}

function insertSelectSql<T extends SQLiteTable>(table: T, values: InsertValues<T>, from: SQL): SQL {
  const columns: Record<string, SQLiteColumn> = getTableColumns(table)
  const entries = Object.entries(values).map(([name, value]) => {
    const column = columns[name]
    if (!column) throw new Error(`No column ${name}`)
    return { name: sql.identifier(column.name), value: isWrapped(value) ? value : sql.param(value, column) }
  })
  const names = entries.map(({ name }) => name)
  const selected = entries.map(({ value }) => sql`${value}`)
  return sql`INSERT INTO ${table} (${sql.join(names, sql`, `)}) SELECT ${sql.join(selected, sql`, `)} ${from}`
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

/** The items in pieces whose JSON has about `most` characters at most, since D1 takes 2 MB a value. None without items. */
export function jsonPieces<Item>(items: readonly Item[], most: number): Item[][] {
  const pieces: Item[][] = []
  let size = Infinity
  for (const item of items) {
    const { length } = JSON.stringify(item)
    size += length
    if (size > most) {
      pieces.push([])
      size = length
    }
    pieces.at(-1)?.push(item)
  }
  return pieces
}

/** Condition: the column is one of the values, which are bound as one parameter. */
export function isOneOf(column: SQLWrapper, values: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM ${eachOf(values).rows})`
}

/** Holds while the row has the revision that it was loaded with. */
export function isAtRevision(
  table: SQLiteTable & Record<'id' | 'revision', SQLiteColumn>,
  { id, revision }: { id: string; revision: number },
): SQL {
  return sql`EXISTS (SELECT 1 FROM ${table} WHERE ${table.id} = ${id} AND ${table.revision} = ${revision})`
}

/** The field while the condition holds, else a value that is decoded in its place. */
export function onlyIf<F extends SQLiteColumn | SQL>(
  condition: SQL,
  field: F,
  otherwise: SQL,
): SQL<ValueOf<F>> {
  const decoder = decoderOf(field)
  return sql`CASE WHEN ${condition} THEN ${field} ELSE ${otherwise} END`.mapWith(
    // The decoder is that of the field, so it returns the field's type.
    (value: unknown) => decode(decoder, value) as ValueOf<F>,
  )
}

/** The total and the items of a page. An empty page is one row without an item, so that the total is known all the same. */
export function pageIn<Row extends { total: number; isThere: boolean }>(
  rows: readonly Row[],
): { total: number; items: Row[] } {
  return { total: rows[0]?.total ?? 0, items: rows.filter(({ isThere }) => isThere) }
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

/** An expression for a flat JSON object with the selection's members; `readJsonObject` reads it. */
export function jsonObject<S extends Selection>(selection: S): SQL<RowOf<S>> {
  const members = Object.entries(flat(selection)).map(
    ([name, field]) => sql`${sql.raw(quoted(name))}, ${field}`,
  )
  return sql`json_object(${sql.join(members, sql`, `)})`.mapWith((value: unknown) =>
    readJsonObject(selection, value),
  )
}

/** Reads what `jsonObject` of the same selection wrote, as text or already parsed. */
export function readJsonObject<S extends Selection>(selection: S, value: unknown): RowOf<S> {
  // `jsonObject` wrote this text from the same selection.
  return rowReaderOf(selection)((typeof value === 'string' ? JSON.parse(value) : value) as Values)
}

/**
 * An expression with the rows of a query as one JSON text. They are sorted by `position` when read, since SQLite does
 * not define the order of aggregated JSON. D1 allows a function 32 arguments: the selection may have 31 columns.
 * @param from the SQL after the selected values: FROM and WHERE
 */
export function jsonRows<S extends Selection>(
  position: SQLiteColumn,
  selection: S,
  from: SQL,
): SQL<RowOf<S>[]> {
  const { list, read } = jsonMembersOf(position, selection)
  // Made from this selection; a list has its values by place.
  return jsonList(list, from, read as unknown as (items: readonly unknown[]) => RowOf<S>)
}

interface JsonMembers {
  /** The values of a row as SQL. */
  list: SQL
  /** Makes a row of the values, of which the first is its position. */
  read: Reader
}

const jsonMembers = new WeakMap<Selection, JsonMembers>()

/** Made once for each selection, which must bind no values. */
function jsonMembersOf(position: SQLiteColumn, selection: Selection): JsonMembers {
  let members = jsonMembers.get(selection)
  if (members === undefined) {
    const values = [position, ...Object.values(flat(selection))]
    let place = 0
    members = {
      list: constant(sql`${sql.join(values, sql`, `)}`),
      read: readerOf(selection, () => (place += 1)),
    }
    jsonMembers.set(selection, members)
  }
  return members
}

/** Like `jsonRows`, but for one column and with its values instead of rows. */
export function jsonValues<C extends SQLiteColumn>(
  position: SQLiteColumn,
  column: C,
  from: SQL,
): SQL<ValueOf<C>[]> {
  return jsonList(sql`${position}, ${column}`, from, ([, item]) => decode(column, item) as ValueOf<C>)
}

function jsonList<Item>(list: SQL, from: SQL, itemOf: (values: readonly unknown[]) => Item): SQL<Item[]> {
  return sql`(SELECT json_group_array(json_array(${list})) ${from})`.mapWith((value: unknown) => {
    // Written by this expression: an array of arrays that begin with the position.
    const rows = (typeof value === 'string' ? JSON.parse(value) : value) as [number, ...unknown[]][]
    return rows.sort(([left], [right]) => left - right).map(itemOf)
  })
}

function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`
}
