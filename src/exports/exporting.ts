/** Exports for their requester: read them, get fresh links. */
import { type Answer, json, resource, slice } from '../platform/answer.ts'
import { Problem } from '../platform/problem.ts'
import { requireLinks } from '../platform/public-url.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { toIso } from '../platform/time.ts'
import { signFiles } from './delivery.ts'
import { exportById, exportPage, type StoredExport } from './store.ts'
import { viewExport } from './view.ts'

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
