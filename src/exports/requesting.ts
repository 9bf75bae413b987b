/** Requests for exports: of a plan, or of the portfolio. The export is recorded first, then a message has it built. */
import { mayReadPlan } from '../access/policy.ts'
import { resolved } from '../actions/due-range.ts'
import type { FilterBody } from '../actions/schemas.ts'
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { type Answer, created, empty } from '../platform/answer.ts'
import { forgetAnswer, type IdempotencyKey } from '../platform/idempotency.ts'
import { wellFormedId } from '../platform/ids.ts'
import { requireRoom, ROW_BYTES } from '../platform/limits.ts'
import { languageFor } from '../platform/locale.ts'
import { newId } from '../platform/new-id.ts'
import { applied, prefers } from '../platform/prefer.ts'
import { type InputError, Problem, throwIfInvalid } from '../platform/problem.ts'
import { requireLinks } from '../platform/public-url.ts'
import { logFailure } from '../platform/request-log.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Viewer } from '../platform/session.ts'
import { byteLengthOf } from '../platform/text.ts'
import type { RepeatableWrite, Statement } from '../platform/write.ts'
import { failureOf } from './failures.ts'
import { sendExport } from './job.ts'
import { portfolioSize } from './portfolio-freeze-store.ts'
import {
  addresseeOf,
  failExport,
  filteredBy,
  insertExport,
  planIsReadable,
  planToExport,
  type StoredExport,
} from './store.ts'
import { viewNewExport } from './view.ts'

type Facts = Pick<RequestFacts, 'env' | 'settings' | 'raw' | 'id'>

/** What is to be exported. */
type Subject = Pick<StoredExport, 'kind' | 'planId' | 'planTitle' | 'filter'>

/** The rows of these statements. */
type RowsOf<Loads extends readonly Statement[]> = Parameters<RepeatableWrite<Loads, unknown>['decide']>[1]

interface Asking<Loads extends readonly Statement[]> {
  load: Loads
  /** Throws the problem if the viewer may not export this. `condition` must still hold when the export is recorded. */
  decide(viewer: Viewer, rows: RowsOf<Loads>): Subject & { condition?: ReturnType<typeof planIsReadable> }
}

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
  facts: Facts,
  planId: string,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller } = request
  return record(
    request,
    facts,
    path,
    key,
    { kind: 'PLAN', planId },
    {
      load: [planToExport(database, caller.companyId, planId)] as const,
      decide(viewer, [[plan]]) {
        if (!plan) throw new Problem('NOT_FOUND', 'There is no such plan.')
        if (!mayReadPlan(viewer, plan)) throw new Problem('FORBIDDEN', 'You may not read this plan.')
        const condition = planIsReadable(planId, viewer.id)
        return { kind: 'PLAN', planId, planTitle: plan.title, filter: null, condition }
      },
    },
  )
}

/**
 * Requests the export of all plans, or of the actions that meet the filter. Throws 400 VALIDATION_FAILED for an area or a
 * person whom the company does not have, 409 PORTFOLIO_TOO_LARGE, and the problems of `requestExport` about links and queue.
 */
export async function requestPortfolio(
  request: AuthorizedRequest,
  facts: Facts,
  body: FilterBody,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, scope } = request
  const filter = await resolved(request, inQuery(body))
  return record(
    request,
    facts,
    path,
    key,
    { kind: 'PORTFOLIO', planId: '' },
    {
      load: [filteredBy(database, caller.companyId, filter), portfolioSize(database, filter, scope)] as const,
      decide(_viewer, [[known], [size]]) {
        throwIfInvalid(unknownIn(filter, known))
        requireRoom('actionsPerPortfolio', 0, size?.actions ?? 0)
        requireRoom('plansPerPortfolio', 0, size?.plans ?? 0)
        return { kind: 'PORTFOLIO', planId: '', planTitle: '', filter: JSON.stringify(filter) }
      },
    },
  )
}

/** Errors for ids that refer to nothing, in a body that is invalid otherwise. */
export async function validateFilter(request: AuthorizedRequest, body: object): Promise<InputError[]> {
  const { hierarchyId, assigneeId } = body as Record<string, unknown>
  const named = {
    hierarchyId: wellFormedId(hierarchyId) ?? undefined,
    assigneeId: wellFormedId(assigneeId) ?? undefined,
  }
  const { rows } = await request.read([
    filteredBy(request.database, request.caller.companyId, named),
  ] as const)
  return unknownIn(named, rows[0][0])
}

function unknownIn(
  { hierarchyId, assigneeId }: { hierarchyId?: string | undefined; assigneeId?: string | undefined },
  known: { area: boolean; user: boolean } | undefined,
): InputError[] {
  return [
    ...(hierarchyId !== undefined && !known?.area
      ? [{ path: 'hierarchyId', message: 'must be an area of the company' }]
      : []),
    ...(assigneeId !== undefined && !known?.user
      ? [{ path: 'assigneeId', message: 'must be a user of the company' }]
      : []),
  ]
}

/** The filter as a query has it. */
function inQuery({ overdue, ...body }: FilterBody) {
  return {
    status: body.status ?? undefined,
    focusType: body.focusType ?? undefined,
    hierarchyId: body.hierarchyId ?? undefined,
    assigneeId: body.assigneeId ?? undefined,
    actionType: body.actionType ?? undefined,
    q: body.q ?? undefined,
    dueFrom: body.dueFrom ?? undefined,
    dueTo: body.dueTo ?? undefined,
    overdue: (overdue ?? null) === null ? undefined : overdue ? ('true' as const) : ('false' as const),
  }
}

/** Records the export and sends its message. */
async function record<Loads extends readonly Statement[]>(
  request: AuthorizedRequest,
  { env, settings, raw, id: requestId }: Facts,
  path: string,
  key: IdempotencyKey | null,
  subject: Pick<Subject, 'kind' | 'planId'>,
  asking: Asking<Loads>,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId } = caller
  const exportId = newId(now)
  const isShown = prefers(raw, 'return=representation')
  const { answer, replayed } = await request.writeOnce(
    {
      load: [addresseeOf(database, caller.userId), ...asking.load] as const,
      decide(viewer, [[addressee], ...rows]) {
        // Whoever has a session has a row.
        if (!addressee) throw new Problem('UNAUTHENTICATED')
        const { condition, ...asked } = asking.decide(viewer, rows)
        requireLinks({ settings, raw })
        const { language, companyLanguage, companyName } = addressee
        const facts: NewExportFacts = { id: exportId, ...(isShown ? { planTitle: asked.planTitle } : {}) }
        const requester = { requestedBy: viewer.id, requesterName: viewer.name, companyName }
        const locale = languageFor(language, raw.headers.get('Accept-Language'), companyLanguage)
        const texts = asked.planTitle + viewer.name + companyName + (asked.filter ?? '')
        return {
          ...(condition ? { condition } : {}),
          effects: [
            insertExport(database, {
              id: exportId,
              companyId,
              ...asked,
              ...requester,
              locale,
              requestedAt: now,
            }),
          ],
          history: [],
          adds: ROW_BYTES + byteLengthOf(texts),
          facts,
        }
      },
      answer({ id, planTitle }, at) {
        const location = `${path}/${id}`
        if (planTitle === undefined) return empty(200, { Location: location })
        const body = viewNewExport({ id, ...subject, planTitle, requestedAt: at })
        return applied(created(body, location), 'return=representation')
      },
    },
    key,
  )
  if (replayed) return answer
  try {
    await sendExport(env, database, { companyId, exportId })
  } catch (error) {
    logFailure(requestId, error)
    const isUndone = await staying(database, companyId)
      .batch([
        ...failExport(database, exportId, { failure: failureOf('QUEUE_UNAVAILABLE'), mail: 'none', now }),
        ...(key ? [forgetAnswer(database, key)] : []),
      ])
      .then(() => true)
      .catch((cause: unknown) => {
        if (cause instanceof CompanyMoving) return false
        throw cause
      })
    // While the company is moved the export stays recorded, and the sweep of its next database sends the message.
    if (isUndone) throw new Problem('QUEUE_UNAVAILABLE', undefined, { headers: { 'Retry-After': '5' } })
  }
  return answer
}
