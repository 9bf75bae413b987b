/** The Hono app: the headers and log line of every answer, the route of every endpoint, and the answers to errors. */
import { Hono } from 'hono'
import { CompanyMoving } from './directory/staying-store.ts'
import { Admission } from './platform/admission.ts'
import { toResponse } from './platform/answer.ts'
import { crossOriginHeaders } from './platform/cors.ts'
import { DatabaseUnavailable, newMeter } from './platform/database.ts'
import type { Endpoint } from './platform/endpoint.ts'
import { Problem, tryLater } from './platform/problem.ts'
import { logFailure, logRequest } from './platform/request-log.ts'
import { noteHost } from './platform/public-url.ts'
import { BOOKMARK_HEADER, Reach } from './platform/replicas.ts'
import type { RequestFacts } from './platform/request.ts'
import { readSettings } from './settings.ts'
import { endpoints } from './endpoints.ts'

interface AppEnv {
  Bindings: Env
  Variables: { request: Omit<RequestFacts, 'settings' | 'reach'>; facts: RequestFacts; route: string }
}

export const app = new Hono<AppEnv>()

app.use(async (context, next) => {
  const started = Date.now()
  const meter = newMeter()
  const request = {
    id: crypto.randomUUID(),
    now: started,
    raw: context.req.raw,
    env: context.env,
    meter,
    admission: new Admission(),
    afterwards: [],
    who: { userId: null, companyId: null, database: null },
  }
  context.set('request', request)
  context.set('route', 'none')
  await next()
  const headers = context.res.headers
  headers.set('X-Request-Id', request.id)
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store, no-transform')
  logRequest(request, context.var.route, context.res.status, Date.now() - started)
})

// A second middleware inside the first, so that the answer of a deployment with wrong settings has the usual form too.
app.use(async (context, next) => {
  const settings = readSettings(context.env)
  const { request } = context.var
  const reach = new Reach(context.env, request.meter, {
    hasReplicas: settings.READ_REPLICAS === 'on',
    asked: request.raw.headers.get(BOOKMARK_HEADER),
  })
  const facts = { ...request, settings, reach }
  context.set('facts', facts)
  context.executionCtx.waitUntil(noteHost(facts))
  await next()
  request.who.database = reach.own
  const bookmark = reach.bookmark()
  if (bookmark !== null) context.res.headers.set(BOOKMARK_HEADER, bookmark)
  for (const [name, value] of crossOriginHeaders(context.req.raw, settings.CORS_ORIGINS))
    context.res.headers.append(name, value)
})

app.onError((error, context) => {
  const requestId = context.var.request.id
  if (error instanceof Problem) return error.toResponse(requestId)
  if (error instanceof CompanyMoving) return tryLater('COMPANY_MOVING').toResponse(requestId)
  logFailure(requestId, error)
  if (error instanceof DatabaseUnavailable) return tryLater('DATABASE_UNAVAILABLE').toResponse(requestId)
  return new Problem('INTERNAL').toResponse(requestId)
})

app.notFound((context) =>
  new Problem('NOT_FOUND', 'There is nothing at this path.').toResponse(context.var.request.id),
)

for (const [path, methods] of byPath(endpoints)) {
  const allow = allowedMethods([...methods.keys()])
  for (const [method, endpoint] of methods) {
    app.on(method, path, async (context) => {
      context.set('route', path)
      const { facts } = context.var
      const work = answerWith(endpoint, { ...facts, params: context.req.param() })
      // The work goes on when the caller hangs up. If it were cut off, its memory grant would be taken until the grant
      // times out.
      const later = () => Promise.all(facts.afterwards.map((task) => task()))
      context.executionCtx.waitUntil(work.then(later, later))
      return work
    })
  }
  app.options(path, (context) => {
    context.set('route', path)
    return new Response(null, { status: 204, headers: { Allow: allow } })
  })
  app.all(path, (context) => {
    context.set('route', path)
    throw new Problem('METHOD_NOT_ALLOWED', `Allowed here: ${allow}.`, { headers: { Allow: allow } })
  })
}

async function answerWith(endpoint: Endpoint, facts: Parameters<Endpoint['run']>[0]): Promise<Response> {
  try {
    const answer = await endpoint.run(facts)
    return answer instanceof Response ? answer : await toResponse(answer, facts.raw)
  } finally {
    facts.admission.release()
  }
}

/** By path; a fixed path comes before one that has a parameter in its place, since the first that fits is taken. */
function byPath(list: readonly Endpoint[]): Map<string, Map<string, Endpoint>> {
  const paths = new Map<string, Map<string, Endpoint>>()
  for (const endpoint of list) {
    const methods = paths.get(endpoint.path) ?? new Map<string, Endpoint>()
    paths.set(endpoint.path, methods.set(endpoint.method, endpoint))
  }
  const parametersIn = (path: string) => path.split(':').length
  return new Map([...paths].sort(([one], [other]) => parametersIn(one) - parametersIn(other)))
}

function allowedMethods(methods: readonly string[]): string {
  return [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(
    ', ',
  )
}
