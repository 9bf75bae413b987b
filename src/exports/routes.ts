/** /api/v1/company/exports, and the POST that asks for one. */
import { mayReadPlan } from '../action-plans/policy.ts'
import { empty, json, resource, slice } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { forgetAnswer } from '../platform/idempotency.ts'
import { newId } from '../platform/ids.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { preferredLocale } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import { logFailure } from '../platform/request-log.ts'
import { sliceOf, toSlice } from '../platform/schemas.ts'
import { byteLengthOf } from '../platform/text.ts'
import { toIso } from '../platform/time.ts'
import { signFiles } from './delivery.ts'
import { download } from './downloads.ts'
import { exportListQuery, exportSchema, linksSchema } from './schemas.ts'
import {
  exportById,
  exportPage,
  failExport,
  insertExport,
  planIsReadable,
  planToExport,
  type StoredExport,
} from './store.ts'
import { viewExport } from './view.ts'

const PATH = '/api/v1/company/exports'
const tag = 'Exports'

const request = endpoint({
  method: 'POST',
  path: '/api/v1/company/action-plans/:planId/excel',
  operationId: 'exportActionPlan',
  tag: 'Action Plans',
  summary: 'Export an action plan to Excel',
  description:
    'Starts an export. The workbook, a summary and one sheet per action, arrives by e-mail as a link that expires; `Location` names the export.',
  access: 'manager',
  idempotent: true,
  limitPerUser: (env) => env.USER_EXPORTS,
  answer: { status: 200, description: 'Export started; no content', located: true },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'QUEUE_UNAVAILABLE'],
  async handle({ gate, caller, database, env, params, raw, id, now, idempotencyKey }) {
    const { companyId } = caller
    const exportId = newId(now)
    const { answer, replayed } = await gate.write(
      {
        load: [planToExport(database, companyId, params.planId)] as const,
        decide(viewer, [[plan]]) {
          if (!plan) throw new Problem('NOT_FOUND', 'There is no such plan.')
          const { title: planTitle, visibility, created_by: createdBy } = plan
          if (!mayReadPlan(viewer, { visibility, createdBy })) {
            throw new Problem('FORBIDDEN', 'You may not read this plan.')
          }
          const locale = preferredLocale(raw.headers.get('Accept-Language'))
          return {
            condition: planIsReadable(plan.id, viewer.id),
            effects: [
              insertExport(database, {
                id: exportId,
                companyId,
                planId: plan.id,
                planTitle,
                requestedBy: viewer.id,
                locale,
                requestedAt: now,
              }),
            ],
            adds: ROW_BYTES + byteLengthOf(planTitle),
            answer: empty(200, { Location: `${PATH}/${exportId}` }),
          }
        },
      },
      idempotencyKey,
    )
    if (replayed) return answer
    try {
      await env.EXPORTS.send({ exportId })
    } catch (error) {
      logFailure(id, error)
      const failure = { code: 'QUEUE_UNAVAILABLE', detail: 'The export could not be queued.' }
      await database.batch([
        ...failExport(database, exportId, failure, 'none', now),
        ...(idempotencyKey ? [forgetAnswer(database, idempotencyKey)] : []),
      ])
      throw new Problem('QUEUE_UNAVAILABLE', undefined, { headers: { 'Retry-After': '5' } })
    }
    return answer
  },
})

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listExports',
  tag,
  summary: 'List my exports',
  access: 'manager',
  query: exportListQuery,
  answer: { status: 200, description: 'A slice of exports, newest first', schema: sliceOf(exportSchema) },
  problems: [],
  async handle({ gate, caller, database, query }) {
    const { from, limit } = toSlice(query)
    const { rows } = await gate.read(exportPage(database, caller.userId, { from, limit }))
    const [totals, page, files] = rows
    const byExport = Map.groupBy(files, ({ exportId }) => exportId)
    return slice(
      from,
      totals[0]?.total ?? 0,
      page.map((row) => viewExport(row, byExport.get(row.id) ?? [])),
    )
  },
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:id`,
  operationId: 'getExport',
  tag,
  summary: 'Read an export',
  access: 'manager',
  answer: { status: 200, description: 'The export', schema: exportSchema, tagged: true },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params }) {
    const { rows } = await gate.read(exportById(database, params.id, caller.companyId))
    const [[row], files] = rows
    return resource(viewExport(requireMine(row, caller.userId), files))
  },
})

const links = endpoint({
  method: 'POST',
  path: `${PATH}/:id/links`,
  operationId: 'createExportLinks',
  tag,
  summary: 'Get fresh links to the files of an export',
  description: 'As long as its files are kept, also when the mail could not be delivered.',
  access: 'manager',
  answer: { status: 200, description: 'Signed links', schema: linksSchema },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'FILES_NOT_READY', 'FILE_GONE'],
  async handle({ gate, caller, database, settings, params, now }) {
    const { rows } = await gate.read(exportById(database, params.id, caller.companyId))
    const [[row], files] = rows
    const { id, status, expiresAt: keptUntil } = requireMine(row, caller.userId)
    if (status === 'EXPIRED' || (keptUntil !== null && keptUntil <= now)) throw new Problem('FILE_GONE')
    if (keptUntil === null) throw new Problem('FILES_NOT_READY')
    const linkEnd = Math.min(now + settings.EXPORT_LINK_TTL_SECONDS * 1000, keptUntil)
    const expiresAt = Math.floor(linkEnd / 1000) * 1000
    const signed = await signFiles(settings, id, files, expiresAt, settings.LINK_SIGNING_KEY)
    return json({ links: signed.map((file) => ({ ...file, expiresAt: toIso(expiresAt) })) })
  },
})

/** 404 outside the company (the query sees to that), 403 for others in it. */
function requireMine(row: StoredExport | undefined, userId: string): StoredExport {
  if (!row) throw new Problem('NOT_FOUND', 'There is no such export.')
  if (row.requestedBy !== userId) throw new Problem('FORBIDDEN', 'Only its requester sees an export.')
  return row
}

export const exportEndpoints = [request, list, read, links, download]
