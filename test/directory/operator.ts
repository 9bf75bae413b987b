/** The operator's commands on the databases of the tests. */
import type { Row, Stores } from '../../scripts/company/stores.ts'
import { databaseNames } from '../../src/platform/database.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { DATABASES } from '../support/home.ts'

type Fault = 'before' | 'after'

/** @param before is done before each call, with its number */
export function operatorsStores(before: (call: number) => Promise<void> = () => Promise.resolve()): {
  stores: Stores
  /** Has the n-th call from now on fail before or after its effect; null: none. */
  cutAt: (n: number | null, fault?: Fault) => void
} {
  let calls = 0
  let cut: { call: number; fault: Fault } | null = null
  const lost = () => new Error('Network connection lost.')
  return {
    cutAt(n, fault = 'before') {
      cut = n === null ? null : { call: calls + n, fault }
    },
    stores: {
      databases: databaseNames(DATABASES),
      async execute(queries, at) {
        calls += 1
        const isCut = cut?.call === calls
        await before(calls)
        if (isCut && cut?.fault === 'before') throw lost()
        const database = DATABASES[at]
        if (!database) throw new Error(`No database ${at}`)
        const results = await database.batch<Row>(
          queries.map(({ sql, params }) => database.prepare(sql).bind(...params)),
        )
        if (isCut) throw lost()
        return results.map((result) => result.results)
      },
      deleteTokens: () => Promise.resolve(),
      deleteFiles: () => Promise.resolve(),
    },
  }
}

/** The databases that have users of the company. */
export async function databasesWithUsers(companyId: string): Promise<DatabaseName[]> {
  const rows = await Promise.all(
    databaseNames(DATABASES).map(async (name) => {
      const row = await DATABASES[name]
        ?.prepare('SELECT count(*) AS users FROM users WHERE company_id = ?')
        .bind(companyId)
        .first<{ users: number }>()
      return { name, users: row?.users ?? 0 }
    }),
  )
  return rows.filter(({ users }) => users > 0).map(({ name }) => name)
}
