/** Builds one volume of an export from its frozen copy and stores it in R2. */
import { completionPercent } from '../action-plans/view.ts'
import { DEFAULT_ACCENT_COLOR, type Locale } from '../db/enums.ts'
import type { Database } from '../platform/database.ts'
import { toHex } from '../platform/hash.ts'
import { contentDisposition, fileName, objectKey, WORKBOOK_TYPE } from './files.ts'
import type { Frozen, FrozenPlan } from './frozen-store.ts'
import { type FrozenCopy, openFrozenCopy } from './frozen-copy.ts'
import { makePortfolioVolume } from './portfolio-volume.ts'
import type { StoredFile } from './store.ts'
import { volumeStarts } from './volume-starts.ts'
import { buildWorkbook } from './workbook/build.ts'
import type { WorkbookContent } from './workbook/content.ts'

/** Limits of a volume: larger workbooks would come near the memory limit of a worker. */
const ACTIONS_PER_VOLUME = 500
const BYTES_PER_VOLUME = 12 * 1024 * 1024

export interface Volume<Facts = Frozen> {
  exportId: string
  locale: Locale
  frozen: Facts
  /** Number of the volume, from 1. */
  number: number
  /** Called repeatedly during the build. */
  onPortion: () => Promise<void>
}

/** A volume before it is stored. */
export interface MadeVolume {
  /** What the files are called by. */
  title: string
  bytes: Uint8Array
  /** Number of volumes in all. */
  of: number
  /** Number of actions in this volume and those before it. */
  done: number
}

export interface StoredVolume {
  file: StoredFile
  /** Number of volumes in all. */
  of: number
  /** Number of actions in this volume and those before it. */
  done: number
}

/** Builds a volume and stores it. Returns the stored file, also if an earlier call stored it. */
export async function storeVolume(
  database: Database,
  bucket: R2Bucket,
  volume: Volume,
): Promise<StoredVolume> {
  const { exportId, number } = volume
  const { title, bytes, of, done } = await made(database, volume)
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  const name = fileName(title, number, of)
  const key = objectKey(exportId, name)
  const file = { position: number, name, bytes: bytes.byteLength, sha256 }
  const stored = await bucket.put(key, bytes, {
    sha256,
    // Two consumers may build the same volume: the object that was stored first stays.
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: {
      contentType: WORKBOOK_TYPE,
      contentDisposition: contentDisposition(title, number, of),
    },
    customMetadata: { sha256 },
  })
  // `put` returns null if the object exists already.
  if (stored) return { file, of, done }
  const earlier = await bucket.head(key)
  if (!earlier) throw new Error('The stored volume vanished')
  return {
    file: { ...file, bytes: earlier.size, sha256: earlier.customMetadata?.sha256 ?? sha256 },
    of,
    done,
  }
}

async function made(database: Database, volume: Volume): Promise<MadeVolume> {
  const { frozen } = volume
  return frozen.kind === 'PLAN'
    ? makePlanVolume(database, { ...volume, frozen })
    : makePortfolioVolume(database, { ...volume, frozen })
}

async function makePlanVolume(database: Database, volume: Volume<FrozenPlan>): Promise<MadeVolume> {
  const { exportId, frozen, onPortion } = volume
  const copy = await openFrozenCopy(database, exportId, frozen.exportedAt, onPortion)
  const content = contentOf(volume, copy)
  const { of, first, count } = content.volume
  return { title: frozen.title, bytes: await buildWorkbook(content), of, done: first + count }
}

function contentOf({ locale, frozen: plan, number }: Volume<FrozenPlan>, copy: FrozenCopy): WorkbookContent {
  const { actions, bytes } = copy
  const starts = volumeStarts(bytes, { actions: ACTIONS_PER_VOLUME, bytes: BYTES_PER_VOLUME })
  const first = starts[number - 1] ?? 0
  const end = starts[number] ?? actions.length
  return {
    locale,
    timeZone: plan.timeZone,
    plan: {
      id: plan.id,
      title: plan.title,
      description: plan.description,
      visibility: plan.visibility,
      creatorName: plan.creatorName,
      createdAt: plan.createdAt,
      completionPercent: completionPercent(plan),
    },
    companyName: plan.companyName,
    accentColor: plan.accentColor ?? DEFAULT_ACCENT_COLOR,
    exportedAt: plan.exportedAt,
    exportedBy: plan.exportedBy,
    hasHiddenActions: plan.actionCount > plan.readableCount,
    actions,
    volume: { number, of: starts.length, first, count: end - first, starts },
    details: copy.details(first, end),
  }
}
