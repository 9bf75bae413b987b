/** Removes the rows of a company from a database in portions. The company's own row is the last. */
import { outsideQueries, portionQueries, restQueries } from './deletion-sql.ts'
import type { Execute, Query, Row } from './stores.ts'

/** What the next portion has outside the database. */
interface Outside {
  /** Hashes of sessions and keys. */
  hashes: readonly string[]
  /** Files of exports; `name` is null for an export without any. */
  exported: readonly Row[]
}

/**
 * @param execute carries out queries in the company's database
 * @param options.guards come before each batch; it fails with them
 * @param options.beforehand is done with what each portion has outside, before its rows go
 * @param options.afterwards is told after each portion whether there is more
 */
export async function removeRows(
  execute: Execute,
  companyId: string,
  {
    guards = [],
    beforehand = () => Promise.resolve(),
    afterwards = () => undefined,
  }: {
    guards?: readonly Query[]
    beforehand?: (outside: Outside) => Promise<void>
    afterwards?: (more: boolean) => void
  },
): Promise<void> {
  for (let more = true; more;) {
    const [sessions = [], keys = [], exported = []] = await execute(outsideQueries(companyId))
    const hashes = [...sessions, ...keys].map(({ hash }) => String(hash))
    await beforehand({ hashes, exported })
    const exportIds = [...new Set(exported.map(({ id }) => String(id)))]
    const results = await execute([...guards, ...portionQueries(companyId, hashes, exportIds)])
    more = results.at(-1)?.[0]?.more === 1
    afterwards(more)
  }
  await execute([...guards, ...restQueries(companyId)])
}
