import { getTableName } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  keptNumbers,
  movedTables,
  schemaTables,
  STAYING,
  THROUGH,
} from '../../scripts/company/move/tables.ts'
import { memoryStores } from './memory-stores.ts'

const tables = movedTables()
const configs = schemaTables()

/** Few rows, in no order of their company. */
const WITHOUT_INDEX = ['idempotency_records']

describe('the tables of a move', () => {
  it('are all of the schema, but for those that stay', () => {
    expect([...Object.keys(THROUGH), ...STAYING].sort()).toEqual([...configs.keys()].sort())
  })

  it('are all that name a company or refer to a table that moves', () => {
    for (const name of STAYING) {
      const references = configs
        .get(name)
        ?.foreignKeys.map((key) => getTableName(key.reference().foreignTable))
      expect(references, name).toEqual([])
    }
  })

  it('come after those that they refer to', () => {
    const order = tables.map(({ name }) => name)
    for (const [index, name] of order.entries()) {
      const references = configs
        .get(name)
        ?.foreignKeys.map((key) => getTableName(key.reference().foreignTable))
      for (const other of references ?? [])
        if (other !== name) expect(order.slice(0, index), `${name} refers to it`).toContain(other)
    }
  })

  it.each(
    tables.filter(({ name }) => !WITHOUT_INDEX.includes(name)).map((table) => [table.name, table] as const),
  )('%s is read through an index', (_name, { name, through }) => {
    const stores = memoryStores({ DB: null })
    const plan = stores
      .of('DB')
      .prepare(
        `EXPLAIN QUERY PLAN SELECT * FROM ${name} WHERE ${through} IN (SELECT value FROM json_each('[]'))`,
      )
      .all()
      .map(({ detail }) => String(detail))
    stores.close()
    expect(plan[0]).toMatch(new RegExp(`^SEARCH ${name} USING .*\\(${through}=\\?\\)`))
  })

  it('have every number that a trigger changes when rows are inserted set to that of the source', () => {
    const kept = new Map(keptNumbers(tables).map(({ table, columns }) => [table.name, columns]))
    const stores = memoryStores({ DB: null })
    const triggers = stores.of('DB').prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger'`).all()
    stores.close()
    const inserting = triggers.map(({ sql }) => String(sql)).filter((sql) => sql.includes('AFTER INSERT ON'))
    expect(inserting.length).toBeGreaterThan(20)
    for (const sql of inserting) {
      for (const [, table = '', sets = ''] of sql.matchAll(/UPDATE (\w+) SET ([^;]*?)\s+WHERE/g))
        for (const [, column = ''] of sets.matchAll(/(?:^|,)\s*(\w+) = /g))
          expect(kept.get(table), `${table}.${column} in ${sql}`).toContain(column)
      for (const [, table = ''] of sql.matchAll(/INSERT INTO (\w+)/g))
        if (table !== 'action_texts') expect([...kept.keys()], sql).toContain(table)
    }
  })
})
