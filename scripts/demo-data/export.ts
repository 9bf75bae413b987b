/** The finished export that the reference's examples name: built and stored as the worker does it, but not mailed. */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { beginBuild, recordVolume } from '../../src/exports/freeze-store.ts'
import { acquireLease } from '../../src/exports/lease-store.ts'
import { exportById, insertExport, markSent } from '../../src/exports/store.ts'
import { directoryOf, newMeter } from '../../src/platform/database.ts'
import { DEMO, DEMO_LINK } from '../../src/platform/demo.ts'
import { ACME } from './acme.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const REQUESTED_DAY = -3
// Longer than the retention of others: the link in the reference works for as long as the folder is used.
const KEPT_DAYS = 3650

/**
 * Exports the demo plan.
 * @param now Unix milliseconds
 */
export async function seedDemoExport(
  { DB, FILES }: { DB: D1Database; FILES: R2Bucket },
  now: number,
): Promise<void> {
  const { company: companyId, export: exportId, plan: planId, ana: requestedBy } = DEMO
  const database = directoryOf({ DB }, newMeter())
  const requestedAt = now + REQUESTED_DAY * DAY_MS
  const shown = {
    planTitle: ACME.plans.find(({ id }) => id === planId)?.title ?? '',
    companyName: ACME.name,
    requesterName: ACME.people.find(({ id }) => id === requestedBy)?.name ?? '',
  }
  const subject = { kind: 'PLAN', planId, filter: null } as const
  const facts = { id: exportId, companyId, ...subject, ...shown, requestedBy, locale: 'en' } as const
  await database.batch([insertExport(database, { ...facts, requestedAt })])
  const [[held]] = await database.batch([acquireLease(database, companyId, exportId, requestedAt)])
  if (!held) throw new Error('The demo export is held by somebody')
  await database.batch(beginBuild(database, facts, held.lease, requestedAt))
  const [[row]] = await database.batch(exportById(database, companyId, exportId))
  if (!row?.frozen) throw new Error('The demo plan was not frozen')
  const { storeVolume } = await importVolumes()
  const { file, done } = await storeVolume(database, FILES, {
    exportId,
    locale: row.locale,
    frozen: row.frozen,
    number: 1,
    onPortion: () => Promise.resolve(),
  })
  const expiresAt = now + KEPT_DAYS * DAY_MS
  const delivery = { expiresAt, linkExpiresAt: now + DAY_MS, linkKeyId: DEMO_LINK.kid }
  await database.batch(recordVolume(database, exportId, held.lease, file, done, delivery, requestedAt + 1000))
  await database.batch(markSent(database, exportId, requestedAt + 1000))
}

/** The template is imported as bytes, which wrangler's bundler knows and Node has to be told. */
async function importVolumes() {
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      if (!url.endsWith('.xlsx')) return nextLoad(url, context)
      const base64 = readFileSync(fileURLToPath(url), 'base64')
      const source = `export default new Uint8Array(Buffer.from(${JSON.stringify(base64)}, "base64")).buffer`
      return { format: 'module', source, shortCircuit: true }
    },
  })
  try {
    return await import('../../src/exports/volumes.ts')
  } finally {
    hooks.deregister()
  }
}
