/** /api/v1/company/exports, and the POST that requests an export. */
import { filterSchema } from '../actions/schemas.ts'
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { ACCEPT_LANGUAGE } from '../platform/locale.ts'
import { exampleSlice, sliceOf, toSlice } from '../platform/schemas.ts'
import { askForLinks, download } from './downloads.ts'
import { exampleExport, exampleLinks, examplePortfolioExport, examplePortfolioFilter } from './examples.ts'
import { freshLinks, listExports, readExport } from './exporting.ts'
import { requestExport, requestPortfolio, validateFilter } from './requesting.ts'
import { exportListQuery, exportSchema, linksSchema } from './schemas.ts'

const PATH = '/api/v1/company/exports'
const tag = 'Exports'

const ask = endpoint({
  method: 'POST',
  path: '/api/v1/company/action-plans/:planId/excel',
  operationId: 'exportActionPlan',
  tag: 'Action Plans',
  summary: 'Export an action plan to Excel',
  description:
    'Starts an export. The workbook, a summary and one sheet per action, arrives by e-mail as a link that expires; `Location` names the export. Mail and workbook are in the language of the user, else of `Accept-Language`, else of the company.',
  access: 'manager',
  openToKeys: true,
  idempotent: true,
  limitPerUser: (env) => env.USER_EXPORTS,
  furtherParameters: [ACCEPT_LANGUAGE],
  example: { path: { planId: DEMO.plan } },
  answer: {
    status: 200,
    description: 'Export started; no content, unless the representation is preferred',
    preferred: exportSchema,
    example: exampleExport,
    located: true,
    headers: ['ETag'],
  },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'LINKS_UNAVAILABLE', 'QUEUE_UNAVAILABLE'],
  handle: ({ request, params, idempotencyKey, ...facts }) =>
    requestExport(request, facts, params.planId, PATH, idempotencyKey),
})

const askForAll = endpoint({
  method: 'POST',
  path: '/api/v1/company/action-plans/excel',
  operationId: 'exportPortfolio',
  tag: 'Action Plans',
  summary: 'Export all action plans to Excel',
  description:
    'Starts an export of the actions that you may read and that meet all filters given, `{}` for all of them: an overview, a row for each plan and a table with a row for each action. It arrives by e-mail as that of one plan does; `Location` names the export. What you may read is decided action by action when the file is made.',
  access: 'manager',
  openToKeys: true,
  idempotent: true,
  limitPerUser: (env) => env.USER_EXPORTS,
  body: filterSchema,
  validateReferences: validateFilter,
  furtherParameters: [ACCEPT_LANGUAGE],
  example: { body: examplePortfolioFilter },
  answer: {
    status: 200,
    description: 'Export started; no content, unless the representation is preferred',
    preferred: exportSchema,
    example: examplePortfolioExport,
    located: true,
    headers: ['ETag'],
  },
  problems: ['PORTFOLIO_TOO_LARGE', 'LINKS_UNAVAILABLE', 'QUEUE_UNAVAILABLE'],
  handle: ({ request, body, idempotencyKey, ...facts }) =>
    requestPortfolio(request, facts, body, PATH, idempotencyKey),
})

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listExports',
  tag,
  summary: 'List my exports',
  description: 'Only its requester sees an export.',
  access: 'manager',
  openToKeys: true,
  query: exportListQuery,
  answer: {
    status: 200,
    description: 'A slice of exports, newest first',
    schema: sliceOf(exportSchema),
    example: exampleSlice(exampleExport),
  },
  problems: [],
  handle: ({ request, query }) => listExports(request, toSlice(query)),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:id`,
  operationId: 'getExport',
  tag,
  summary: 'Read an export',
  description:
    'Its status, and how many actions have been written so far. Only its requester sees an export.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.export } },
  answer: {
    status: 200,
    description: 'The export',
    schema: exportSchema,
    example: exampleExport,
    tagged: true,
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params }) => readExport(request, params.id),
})

const links = endpoint({
  method: 'POST',
  path: `${PATH}/:id/links`,
  operationId: 'createExportLinks',
  tag,
  summary: 'Get fresh links to the files of an export',
  description: 'As long as its files are kept, also when the mail could not be delivered.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.export } },
  answer: { status: 200, description: 'Signed links', schema: linksSchema, example: exampleLinks },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'FILES_NOT_READY', 'FILE_GONE', 'LINKS_UNAVAILABLE'],
  handle: ({ request, params, ...facts }) => freshLinks(request, facts, params.id),
})

export const exportEndpoints = [askForAll, ask, list, read, links, download, askForLinks]
