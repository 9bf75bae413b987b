/** Exports for their requester: request one, read them, get fresh links. */
import { mayReadPlan } from '../access/policy.ts'
import { type Answer, created, empty, json, resource, slice } from '../platform/answer.ts'
import { forgetAnswer, type IdempotencyKey } from '../platform/idempotency.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { languageFor } from '../platform/locale.ts'
import { newId } from '../platform/new-id.ts'
import { applied, prefers } from '../platform/prefer.ts'
import { Problem } from '../platform/problem.ts'
import { requireLinks } from '../platform/public-url.ts'
import { logFailure } from '../platform/request-log.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { byteLengthOf } from '../platform/text.ts'
import { toIso } from '../platform/time.ts'
import { signFiles } from './delivery.ts'
import { failureOf } from './failures.ts'
import { sendExport } from './job.ts'
import {
  addresseeOf,
  exportById,
  exportPage,
  failExport,
  insertExport,
  planIsReadable,
  planToExport,
  type StoredExport,
} from './store.ts'
import { viewExport, viewNewExport } from './view.ts'

/** The facts of the answer about a new export: with the plan's title, if the answer shows the export. */
interface NewExportFacts {
  id: string
  planTitle?: string
}

/**
 * Requests the export of a plan; `path` is the path of all exports. The answer is empty, unless the request prefers the
 * representation. Throws 404 NOT_FOUND, 403 FORBIDDEN, 503 LINKS_UNAVAILABLE or QUEUE_UNAVAILABLE, and the problems of
 * `AuthorizedRequest.writeOnce`.
 */
export async function requestExport(
  request: AuthorizedRequest,
  { env, settings, raw, id: requestId }: Pick<RequestFacts, 'env' | 'settings' | 'raw' | 'id'>,
  planId: string,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId } = caller
  const exportId = newId(now)
  const isShown = prefers(raw, 'return=representation')
  const { answer, replayed } = await request.writeOnce(
    {
      load: [planToExport(database, companyId, planId), addresseeOf(database, caller.userId)] as const,
      decide(viewer, [[plan], [addressee]]) {
        // Whoever has a session has a row.
        if (!addressee) throw new Problem('UNAUTHENTICATED')
        if (!plan) throw new Problem('NOT_FOUND', 'There is no such plan.')
        if (!mayReadPlan(viewer, plan)) throw new Problem('FORBIDDEN', 'You may not read this plan.')
        requireLinks({ settings, raw })
        const { language, companyLanguage, companyName } = addressee
        const facts: NewExportFacts = { id: exportId, ...(isShown ? { planTitle: plan.title } : {}) }
        const asked = {
          ...{ id: exportId, companyId, planId, planTitle: plan.title, requestedBy: viewer.id },
          ...{ requesterName: viewer.name, companyName },
          locale: languageFor(language, raw.headers.get('Accept-Language'), companyLanguage),
        }
        return {
          condition: planIsReadable(planId, viewer.id),
          effects: [insertExport(database, { ...asked, requestedAt: now })],
          history: [],
          adds: ROW_BYTES + byteLengthOf(plan.title + viewer.name + companyName),
          facts,
        }
      },
      answer({ id, planTitle }, at) {
        const location = `${path}/${id}`
        if (planTitle === undefined) return empty(200, { Location: location })
        const body = viewNewExport({ id, planId, planTitle, requestedAt: at })
        return applied(created(body, location), 'return=representation')
      },
    },
    key,
  )
  if (replayed) return answer
  try {
    await sendExport(env, { companyId, exportId })
  } catch (error) {
    logFailure(requestId, error)
    await database.batch([
      ...failExport(database, exportId, { failure: failureOf('QUEUE_UNAVAILABLE'), mail: 'none', now }),
      ...(key ? [forgetAnswer(database, key)] : []),
    ])
    throw new Problem('QUEUE_UNAVAILABLE', undefined, { headers: { 'Retry-After': '5' } })
  }
  return answer
}

/** A slice of the caller's exports, newest first. */
export async function listExports(request: AuthorizedRequest, range: Slice): Promise<Answer> {
  const { rows } = await request.read(exportPage(request.database, request.caller.userId, range))
  const [[counted], page, files] = rows
  const byExport = Map.groupBy(files, ({ exportId }) => exportId)
  return slice(
    range.from,
    counted?.total ?? 0,
    page.map((row) => viewExport(row, byExport.get(row.id) ?? [])),
  )
}

/** One of the caller's exports. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function readExport(request: AuthorizedRequest, exportId: string): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read(exportById(database, caller.companyId, exportId))
  const [[row], files] = rows
  return resource(viewExport(requireMine(row, caller.userId), files))
}

/**
 * Fresh links to an export's files. Throws 404 NOT_FOUND, 403 FORBIDDEN, 410 FILE_GONE, 409 FILES_NOT_READY, 503
 * LINKS_UNAVAILABLE.
 */
export async function freshLinks(
  request: AuthorizedRequest,
  { settings, raw }: Pick<RequestFacts, 'settings' | 'raw'>,
  exportId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  const { rows } = await request.read(exportById(database, caller.companyId, exportId))
  const [[row], files] = rows
  const { id, status, expiresAt: keptUntil } = requireMine(row, caller.userId)
  if (status === 'EXPIRED' || (keptUntil !== null && keptUntil <= now)) throw new Problem('FILE_GONE')
  if (keptUntil === null) throw new Problem('FILES_NOT_READY')
  requireLinks({ settings, raw })
  const linkEnd = Math.min(now + settings.EXPORT_LINK_TTL_SECONDS * 1000, keptUntil)
  const expiresAt = Math.floor(linkEnd / 1000) * 1000
  const signed = await signFiles(settings, id, files, expiresAt, settings.LINK_SIGNING_KEY)
  return json({ links: signed.map(({ name, url }) => ({ name, url, expiresAt: toIso(expiresAt) })) })
}

/**
 * The export. Throws 404 NOT_FOUND if the company has none with that id, 403 FORBIDDEN if another user requested it.
 */
function requireMine(row: StoredExport | undefined, userId: string): StoredExport {
  if (!row) throw new Problem('NOT_FOUND', 'There is no such export.')
  if (row.requestedBy !== userId) throw new Problem('FORBIDDEN', 'Only its requester sees an export.')
  return row
}
