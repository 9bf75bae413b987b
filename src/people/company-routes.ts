/** /api/v1/company and /api/v1/company/me */
import { endpoint } from '../platform/endpoint.ts'
import { patchCompany, readCompany } from './company.ts'
import { exampleCompany, exampleCompanyPatch, exampleMe, exampleMePatch } from './examples.ts'
import { companyPatchSchema, companySchema, mePatchSchema, userSchema } from './schemas.ts'
import { patchMe, readMe } from './users.ts'

const PATH = '/api/v1/company'
const tag = 'Company'
const oneCompany = { status: 200, description: 'The company', schema: companySchema, tagged: true } as const
const me = { status: 200, description: 'The user', schema: userSchema, tagged: true } as const

const getCompany = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'getCompany',
  tag,
  summary: 'Read my company',
  description: 'Name and time zone; dates without a time mean days in that zone.',
  access: 'manager',
  openToKeys: true,
  answer: { ...oneCompany, example: exampleCompany },
  problems: [],
  handle: ({ request }) => readCompany(request),
})

const updateCompany = endpoint({
  method: 'PATCH',
  path: PATH,
  operationId: 'updateCompany',
  tag,
  summary: 'Change the company',
  description: 'For an ADMIN.',
  access: 'admin',
  openToKeys: false,
  body: companyPatchSchema,
  example: { body: exampleCompanyPatch },
  answer: { ...oneCompany, example: exampleCompany },
  problems: [],
  handle: ({ request, body, ifMatch }) => patchCompany(request, body, ifMatch),
})

const getMe = endpoint({
  method: 'GET',
  path: `${PATH}/me`,
  operationId: 'getMe',
  tag,
  summary: 'Read myself',
  description: 'The user whose session it is.',
  access: 'session',
  openToKeys: true,
  answer: { ...me, example: exampleMe },
  problems: [],
  handle: ({ request }) => readMe(request),
})

const updateMe = endpoint({
  method: 'PATCH',
  path: `${PATH}/me`,
  operationId: 'updateMe',
  tag,
  summary: 'Change my name, my language or my reminders',
  description: 'For everyone. The role and whether one is active are changed by an ADMIN.',
  access: 'session',
  openToKeys: false,
  body: mePatchSchema,
  example: { body: exampleMePatch },
  answer: { ...me, example: exampleMe },
  problems: [],
  handle: ({ request, body, ifMatch }) => patchMe(request, body, ifMatch),
})

export const companyEndpoints = [getCompany, updateCompany, getMe, updateMe]
