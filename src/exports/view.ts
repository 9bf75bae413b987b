/** Exports as their requester sees them, pure. */
import type { ExportKind } from '../db/enums.ts'
import { toIso } from '../platform/time.ts'
import type { ExportView } from './schemas.ts'
import type { StoredExport, StoredFile } from './store.ts'

/** A request for an export, before anything else has happened to it. */
interface RequestedExport {
  id: string
  kind: ExportKind
  planId: string
  planTitle: string
  /** Unix milliseconds. */
  requestedAt: number
}

export function viewNewExport({ id, requestedAt, ...request }: RequestedExport): ExportView {
  return {
    ...{
      id,
      ...subjectOf(request),
      status: 'QUEUED',
      progress: { done: 0, total: 0 },
      files: [],
      attempts: 0,
    },
    ...{ requestedAt: toIso(requestedAt), finishedAt: null, expiresAt: null, failure: null },
  }
}

/** What is exported: a plan as it was called at the request, or all plans. */
function subjectOf({ kind, planId, planTitle }: Pick<RequestedExport, 'kind' | 'planId' | 'planTitle'>) {
  return kind === 'PLAN' ? { kind, planId, planTitle } : { kind, planId: null, planTitle: null }
}

type ShownExport = Pick<
  StoredExport,
  | 'id'
  | 'kind'
  | 'planId'
  | 'planTitle'
  | 'status'
  | 'progressDone'
  | 'progressTotal'
  | 'attempts'
  | 'requestedAt'
  | 'finishedAt'
  | 'expiresAt'
  | 'failureCode'
  | 'failureDetail'
>

export function viewExport(row: ShownExport, files: readonly Omit<StoredFile, 'position'>[]): ExportView {
  return {
    id: row.id,
    ...subjectOf(row),
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
