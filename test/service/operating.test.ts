/** The queries of docs/operating.md, against the schema as it is. */
import { beforeEach, describe, expect, it } from 'vitest'
import operating from '../../docs/operating.md?raw'
import type { exports } from '../../src/db/schema.ts'
import { newId } from '../../src/platform/new-id.ts'
import { HOUR, MINUTE } from '../support/clock.ts'
import { insertExport } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

/** Each query by the words in bold before it. */
const QUERIES = new Map(
  operating
    .split('```sql\n')
    .map((part, index, parts) => [lastBold(parts[index - 1] ?? ''), part.split('```')[0] ?? ''] as const)
    .slice(1),
)

function lastBold(text: string): string {
  return [...text.matchAll(/\*\*([^*]+?)\.?\*\*/g)].at(-1)?.[1] ?? ''
}

async function rowsOf(title: string): Promise<Record<string, unknown>[]> {
  const sql = QUERIES.get(title)
  if (sql === undefined) throw new Error(`docs/operating.md has no query "${title}"`)
  return (await home.prepare(sql).all()).results
}

let world: World

beforeEach(async () => {
  world = await createWorld()
})

it('are more than a handful, each with a title of its own', () => {
  expect(QUERIES.size).toBeGreaterThan(5)
  expect(QUERIES.size).toBe(operating.split('```sql').length - 1)
})

it.each([...QUERIES.keys()])('“%s” is answered', async (title) => {
  await expect(rowsOf(title)).resolves.toBeInstanceOf(Array)
})

type Columns = Partial<typeof exports.$inferInsert>

describe.each<[title: string, shown: Columns, hidden: Columns]>([
  [
    'Stuck exports',
    { status: 'BUILDING', nextAttemptAt: Date.now() - 11 * MINUTE },
    { status: 'BUILDING', nextAttemptAt: Date.now() - 9 * MINUTE },
  ],
  [
    'Mails that did not go out',
    { status: 'FAILED', failureCode: 'MAIL_REFUSED', finishedAt: Date.now() },
    { status: 'FAILED', failureCode: 'BUILD_FAILED', finishedAt: Date.now() },
  ],
  ['Mails about a failure that are owed', { failureMail: 'OWED' }, { failureMail: 'SENT' }],
  [
    'Files that should be gone',
    { status: 'SENT', expiresAt: Date.now() - 2 * HOUR },
    { status: 'EXPIRED', expiresAt: Date.now() - 2 * HOUR },
  ],
])('“%s”', (title, shown, hidden) => {
  it('shows what it is about, and nothing else', async () => {
    const { companyId, marc } = world
    const of = { companyId, planId: newId(Date.now()), requestedBy: marc.id }
    const wanted = await insertExport({ ...shown, ...of })
    const other = await insertExport({ ...hidden, ...of })
    const ids = (await rowsOf(title)).map(({ id }) => id)
    expect([ids.includes(wanted.id), ids.includes(other.id)]).toEqual([true, false])
  })
})
