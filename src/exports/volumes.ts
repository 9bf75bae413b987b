/** Builds one volume of an export from its frozen copy and stores it in R2. */
import { completionPercent } from '../action-plans/view.ts'
import { DEFAULT_ACCENT_COLOR, type Locale } from '../db/enums.ts'
import type { Database } from '../platform/database.ts'
import { toHex } from '../platform/hash.ts'
import { contentDisposition, fileName, objectKey, WORKBOOK_TYPE } from './files.ts'
import type { FrozenPlan } from './frozen-store.ts'
import { type FrozenCopy, openFrozenCopy } from './frozen-copy.ts'
import type { StoredFile } from './store.ts'
import { buildWorkbook } from './workbook/build.ts'
import type { WorkbookContent } from './workbook/content.ts'

/** Limits of a volume: larger workbooks would come near the memory limit of a worker. */
const ACTIONS_PER_VOLUME = 500
const BYTES_PER_VOLUME = 12 * 1024 * 1024

interface Volume {
  exportId: string
  locale: Locale
  plan: FrozenPlan
  /** Number of the volume, from 1. */
  number: number
  /** Called repeatedly during the build. */
  onPortion: () => Promise<void>
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
  const { exportId, plan, number, onPortion } = volume
  const copy = await openFrozenCopy(database, exportId, plan.exportedAt, onPortion)
  const content = contentOf(volume, copy)
  const { of, first, count } = content.volume
  const bytes = await buildWorkbook(content)
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  const name = fileName(plan.title, number, of)
  const key = objectKey(exportId, name)
  const file = { position: number, name, bytes: bytes.byteLength, sha256 }
  const stored = await bucket.put(key, bytes, {
    sha256,
    // Two consumers may build the same volume: the object that was stored first stays.
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: {
      contentType: WORKBOOK_TYPE,
      contentDisposition: contentDisposition(plan.title, number, of),
    },
    customMetadata: { sha256 },
  })
  const done = first + count
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

function contentOf({ locale, plan, number }: Volume, copy: FrozenCopy): WorkbookContent {
  const { actions, bytes } = copy
  const starts = volumeStarts(bytes)
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

/** Position of the first action of each volume. It depends on the weights alone, so all volumes agree on it. */
export function volumeStarts(bytes: readonly number[]): number[] {
  const starts = [0]
  let sum = 0
  for (const [position, weight] of bytes.entries()) {
    const first = starts.at(-1) ?? 0
    const isFull = position - first >= ACTIONS_PER_VOLUME || sum + weight > BYTES_PER_VOLUME
    if (isFull && position > first) {
      starts.push(position)
      sum = 0
    }
    sum += weight
  }
  return starts
}
