/** Exports as their requester sees them, pure. */
import { toIso } from '../platform/time.ts'
import type { ExportView } from './schemas.ts'
import type { StoredExport, StoredFile } from './store.ts'

export function viewExport(row: StoredExport, files: readonly StoredFile[]): ExportView {
  return {
    id: row.id,
    planId: row.planId,
    planTitle: row.planTitle,
    status: row.status,
    progress: { done: row.progressDone, total: row.progressTotal },
    files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    attempts: row.attempts,
    requestedAt: toIso(row.requestedAt),
    finishedAt: toIso(row.finishedAt),
    expiresAt: toIso(row.expiresAt),
    failure: row.failureCode === null ? null : { code: row.failureCode, detail: row.failureDetail ?? '' },
  }
}
