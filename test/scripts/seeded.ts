import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { run } from './support.ts'

/** Puts the demo data into a state folder, and opens its database. */
export async function seededDatabase(folder: string): Promise<DatabaseSync> {
  const seeding = run('node', ['test/scripts/seed-demo.ts'], { STATE_DIR: folder })
  expect(await seeding.ended, seeding.output()).toBe(0)
  const databases = join(folder, 'v3/d1/miniflare-D1DatabaseObject')
  const name = (await readdir(databases)).find((file) => /^[0-9a-f]{64}\.sqlite$/.test(file))
  return new DatabaseSync(join(databases, name ?? expect.fail('There is a database')))
}
