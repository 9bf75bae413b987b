/** /api/v1/company and /api/v1/company/me */
import { resource } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { Problem } from '../platform/problem.ts'
import { companyPatchSchema, companySchema, mePatchSchema, userSchema } from './schemas.ts'
import {
  companyById,
  type CompanyRow,
  updateCompany,
  updateUser,
  userById,
  userBytes,
  userIsUnchanged,
} from './store.ts'
import { viewUser } from './view.ts'

const PATH = '/api/v1/company'
const tag = 'Company'
const oneCompany = { status: 200, description: 'The company', schema: companySchema, tagged: true } as const
const me = { status: 200, description: 'The user', schema: userSchema, tagged: true } as const

function viewCompany({ id, name, time_zone: timeZone }: CompanyRow) {
  return { id, name, timeZone }
}

const readCompany = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'getCompany',
  tag,
  summary: 'Read my company',
  access: 'manager',
  answer: oneCompany,
  problems: [],
  async handle({ gate, caller, database }) {
    const { rows } = await gate.read([companyById(database, caller.companyId)] as const)
    return resource(viewCompany(existing(rows[0])))
  },
})

const patchCompany = endpoint({
  method: 'PATCH',
  path: PATH,
  operationId: 'updateCompany',
  tag,
  summary: 'Change the company',
  description: 'For an ADMIN.',
  access: 'admin',
  body: companyPatchSchema,
  answer: oneCompany,
  problems: [],
  async handle({ gate, caller, database, body, ifMatch, now }) {
    const { answer } = await gate.write({
      load: [companyById(database, caller.companyId)] as const,
      async decide(_viewer, [companies]) {
        const company = existing(companies)
        await requireMatch(ifMatch, viewCompany(company))
        const after = {
          ...company,
          name: body.name ?? company.name,
          time_zone: body.timeZone ?? company.time_zone,
        }
        const { condition, effect } = updateCompany(database, company, after, now)
        const changed = JSON.stringify(after) !== JSON.stringify(company)
        return { condition, effects: changed ? [effect] : [], answer: resource(viewCompany(after)) }
      },
    })
    return answer
  },
})

const readMe = endpoint({
  method: 'GET',
  path: `${PATH}/me`,
  operationId: 'getMe',
  tag,
  summary: 'Read myself',
  access: 'session',
  answer: me,
  problems: [],
  async handle({ gate, caller, database }) {
    const { rows } = await gate.read([userById(database, caller.companyId, caller.userId)] as const)
    return resource(viewUser(existing(rows[0])))
  },
})

const patchMe = endpoint({
  method: 'PATCH',
  path: `${PATH}/me`,
  operationId: 'updateMe',
  tag,
  summary: 'Change my name or my reminders',
  access: 'session',
  body: mePatchSchema,
  answer: me,
  problems: [],
  async handle({ gate, caller, database, body, ifMatch, now }) {
    const { answer } = await gate.write({
      load: [userById(database, caller.companyId, caller.userId)] as const,
      async decide(_viewer, [users]) {
        const user = existing(users)
        await requireMatch(ifMatch, viewUser(user))
        const reminders = body.reminders ?? null
        const after = {
          ...user,
          name: body.name ?? user.name,
          reminders: reminders === null ? user.reminders : Number(reminders),
        }
        const changed = JSON.stringify(after) !== JSON.stringify(user)
        return {
          condition: userIsUnchanged(user),
          effects: changed ? [updateUser(database, after, now)] : [],
          adds: userBytes(after) - userBytes(user),
          answer: resource(viewUser(after)),
        }
      },
    })
    return answer
  },
})

/** The session's own user and company exist as long as the session lives. */
function existing<Row>([row]: readonly Row[]): Row {
  if (!row) throw new Problem('UNAUTHENTICATED')
  return row
}

export const companyEndpoints = [readCompany, patchCompany, readMe, patchMe]
