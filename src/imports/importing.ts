/** Imports a file: read, checked against what is stored, and stored in one atomic batch, or not at all. */
import { type Answer, json } from '../platform/answer.ts'
import type { Upload } from '../platform/body.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { newIds } from '../platform/new-id.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { FileDraft } from './drafts.ts'
import { lookUp } from './lookup-store.ts'
import { type ImportPlan, planImport } from './planning.ts'
import { readFile } from './reading.ts'
import type { ImportView } from './schemas.ts'
import { soughtIn } from './sought.ts'
import { importedBytes, insertImported, isStillImportable, PIECE_CHARACTERS } from './store.ts'
import { FileRefused } from './workbook/refusal.ts'

/** What a file and its rows take in memory at most: more than the whole budget, so that one is imported at a time. */
const IMPORT_BYTES = 32 * 1024 * 1024

/**
 * Imports the file, or only checks it. Throws 400 FILE_REFUSED, 422 IMPORT_INVALID for errors in it that a dry run would
 * answer, 403 FORBIDDEN for a key that imports in the name of others, 503 BUSY, and the problems of
 * `AuthorizedRequest.writeOnce`.
 */
export async function importFile(
  request: AuthorizedRequest,
  upload: Upload,
  { isDryRun, isLenient }: { isDryRun: boolean; isLenient: boolean },
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId: importer } = caller
  await request.heavy(IMPORT_BYTES)
  const file = await readOrRefuse(request, upload, isLenient)
  const ownership = { companyId, importer, now, pieces: PIECE_CHARACTERS }
  const { statements, found } = lookUp(database, ownership, soughtIn(file))
  const { answer } = await request.writeOnce(
    {
      load: statements,
      decide(viewer, rows, { timeZone }) {
        const who = { id: viewer.id, role: viewer.role }
        const plan = planImport(file, found(rows), { importer: who, now, timeZone, idsFor: newIds })
        if (plan.namesOthers && caller.via === 'KEY')
          throw new Problem('FORBIDDEN', 'A key may not import in the name of others than its user.')
        const view = viewImport(plan)
        if (!isDryRun && view.errors.length > 0)
          throw new Problem('IMPORT_INVALID', undefined, { extra: { errors: view.errors } })
        const isStored = !isDryRun && plan.counts.created > 0
        if (!isStored) return { effects: [], history: [], facts: view }
        return {
          condition: isStillImportable(plan, ownership, plan.needsAdmin),
          effects: insertImported(database, plan, ownership),
          history: plan.history,
          via: 'IMPORT',
          adds: importedBytes(plan),
          facts: view,
        }
      },
      answer: (view) => json(view),
    },
    key,
  )
  return answer
}

async function readOrRefuse(
  request: AuthorizedRequest,
  upload: Upload,
  isLenient: boolean,
): Promise<FileDraft> {
  try {
    return await readFile(upload, { isLenient })
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error
    // 401 and 403 take precedence, and only D1 is authoritative about session and role.
    await request.verify()
    throw new Problem('FILE_REFUSED', error.message, { errors: [{ path: '', message: error.message }] })
  }
}

function viewImport({ counts, errors }: ImportPlan): ImportView {
  return { ...counts, errors: errors.listed() }
}
