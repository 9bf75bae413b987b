/** /api/v1/company/imports */
import { endpoint } from '../platform/endpoint.ts'
import { ACCEPT_LANGUAGE } from '../platform/locale.ts'
import { LIMITS } from '../platform/limits.ts'
import { isSet } from '../platform/schemas.ts'
import { exampleFile, exampleImport } from './examples.ts'
import { importFile } from './importing.ts'
import { NDJSON_TYPE, WORKBOOK_TYPE } from './reading.ts'
import { importQuery, importSchema } from './schemas.ts'
import { readTemplate } from './template-reading.ts'

const PATH = '/api/v1/company/imports'
const tag = 'Imports'

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'importPlans',
  tag,
  summary: 'Import plans and actions',
  description: [
    'Checks a file, and with `dryRun=false` stores what is new in it, all of it in one step or nothing. A plan or action that exists is left as it is, so that the same file twice changes nothing: the `externalId` is unique for each importer, and the id of one that you may read counts too.',
    'The file is a workbook with a sheet of actions, such as the template or the sheet Actions of an export, or NDJSON with a plan a line: `{externalId, title, description?, visibility?, createdBy?, createdAt?, actions?: [{externalId, title, description?, actionType?, origin?, visibility?, dueDate?, status?, startedAt?, finishedAt?, assignees?, areas?, focusItems?: [{focusType, focusId?}], notes?: [{author?, text, createdAt?}], createdBy?, createdAt?}]}`. People are e-mail addresses, areas paths such as `Operations / Warehouse`, names that no other area has, or ids. The status is that of all assignees. Of a member that stands twice in an object, the last counts, as in every JSON body.',
    'Only an ADMIN may name others as creators or authors, and no key. A file has at most 2,000 actions and 10,000 notes. A dry run stores nothing, also not its answer: its `Idempotency-Key` is ignored, so that the same key can then go with `dryRun=false`.',
  ].join('\n\n'),
  access: 'manager',
  openToKeys: true,
  query: importQuery,
  upload: {
    mediaTypes: [NDJSON_TYPE, WORKBOOK_TYPE],
    most: LIMITS.bytesPerImport.most,
    example: exampleFile,
  },
  idempotent: true,
  answer: {
    status: 200,
    description: 'What the file has and what is new of it',
    schema: importSchema,
    example: exampleImport,
    heavy: true,
  },
  problems: ['FILE_REFUSED', 'IMPORT_INVALID'],
  handle({ request, query, upload, isLenient, idempotencyKey }) {
    const isDryRun = isSet(query.dryRun) ?? true
    return importFile(request, upload, { isDryRun, isLenient }, isDryRun ? null : idempotencyKey)
  },
})

const template = endpoint({
  method: 'GET',
  path: `${PATH}/template`,
  operationId: 'getImportTemplate',
  tag,
  summary: 'Get a workbook to fill in',
  description:
    'A workbook with the columns of an import, lists of the words, people and areas that they take, an example, and a page that explains it. It is in the language of the user, else of `Accept-Language`, else of the company.',
  access: 'manager',
  openToKeys: true,
  furtherParameters: [ACCEPT_LANGUAGE],
  answer: {
    status: 200,
    description: 'The workbook',
    mediaType: WORKBOOK_TYPE,
    headers: ['Content-Disposition'],
    heavy: true,
  },
  problems: [],
  handle: ({ request, raw }) => readTemplate(request, raw.headers.get('Accept-Language')),
})

export const importEndpoints = [template, create]
