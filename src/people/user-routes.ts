/** /api/v1/company/users */
import { created, json, resource, slice } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { newId } from '../platform/ids.ts'
import { invalid, Problem } from '../platform/problem.ts'
import { isSet, sliceOf, toSlice } from '../platform/schemas.ts'
import { revokeSessions } from '../sessions/store.ts'
import { countHandedOver, handOver } from './reassignment-store.ts'
import {
  newUserSchema,
  reassignedSchema,
  reassignmentSchema,
  userListQuery,
  userPatchSchema,
  userSchema,
} from './schemas.ts'
import {
  addressOwner,
  countOtherAdmins,
  insertUser,
  mayStepDown,
  updateUser,
  userById,
  userIsUnchanged,
  userPage,
  userBytes,
  type UserRow,
} from './store.ts'
import { viewUser } from './view.ts'

const PATH = '/api/v1/company/users'
const tag = 'Users'
const oneUser = { status: 200, description: 'The user', schema: userSchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listUsers',
  tag,
  summary: 'List users',
  access: 'manager',
  query: userListQuery,
  answer: { status: 200, description: 'A slice of users, newest first', schema: sliceOf(userSchema) },
  problems: [],
  async handle({ gate, caller, database, query }) {
    const { from, limit } = toSlice(query)
    const filter = { ...query, active: isSet(query.active) }
    const { rows } = await gate.read(userPage(database, caller.companyId, filter, { from, limit }))
    const [totals, page] = rows
    return slice(from, totals[0]?.total ?? 0, page.map(viewUser))
  },
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:userId`,
  operationId: 'getUser',
  tag,
  summary: 'Read a user',
  access: 'manager',
  answer: oneUser,
  problems: ['NOT_FOUND'],
  async handle({ gate, caller, database, params }) {
    const { rows } = await gate.read([userById(database, caller.companyId, params.userId)] as const)
    return resource(viewUser(requireUser(rows[0])))
  },
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createUser',
  tag,
  summary: 'Add a user',
  description: 'For an ADMIN. E-mail addresses are unique over the whole installation.',
  access: 'admin',
  body: newUserSchema,
  idempotent: true,
  answer: { ...oneUser, description: 'The new user', located: true },
  problems: ['EMAIL_TAKEN'],
  async handle({ gate, database, body, now, idempotencyKey }) {
    const { answer } = await gate.write(
      {
        load: [addressOwner(database, body.email)] as const,
        decide(viewer, [owners]) {
          if (owners.length > 0) throw new Problem('EMAIL_TAKEN')
          const user: UserRow = {
            id: newId(now),
            company_id: viewer.companyId,
            email: body.email,
            name: body.name,
            role: body.role,
            active: 1,
            reminders: 1,
            revision: 1,
            created_at: now,
          }
          return {
            effects: [insertUser(database, user)],
            adds: userBytes(user),
            answer: created(viewUser(user), `${PATH}/${user.id}`),
          }
        },
      },
      idempotencyKey,
    )
    return answer
  },
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:userId`,
  operationId: 'updateUser',
  tag,
  summary: 'Change, deactivate or reactivate a user',
  description: 'For an ADMIN. Acts on the next request of that user. The last active ADMIN stays one.',
  access: 'admin',
  body: userPatchSchema,
  answer: oneUser,
  problems: ['NOT_FOUND', 'LAST_ADMIN'],
  async handle({ gate, caller, database, params, body, ifMatch, now }) {
    const { answer } = await gate.write({
      load: [
        userById(database, caller.companyId, params.userId),
        countOtherAdmins(database, caller.companyId, params.userId),
      ] as const,
      async decide(_viewer, [users, [others]]) {
        const user = requireUser(users)
        await requireMatch(ifMatch, viewUser(user))
        const active = body.active ?? null
        const after: UserRow = {
          ...user,
          name: body.name ?? user.name,
          role: body.role ?? user.role,
          active: active === null ? user.active : Number(active),
        }
        const stepsDown = isActiveAdmin(user) && !isActiveAdmin(after)
        if (stepsDown && (others?.admins ?? 0) === 0) throw new Problem('LAST_ADMIN')
        const changed = JSON.stringify(after) !== JSON.stringify(user)
        return {
          condition: stepsDown ? mayStepDown(user) : userIsUnchanged(user),
          effects: changed
            ? [
                updateUser(database, after, now),
                // Who comes back later signs in anew.
                ...(after.active === 1 ? [] : [revokeSessions(database, user.id, null, now)]),
              ]
            : [],
          adds: userBytes(after) - userBytes(user),
          answer: resource(viewUser(after)),
        }
      },
    })
    return answer
  },
})

const reassign = endpoint({
  method: 'POST',
  path: `${PATH}/:userId/reassignments`,
  operationId: 'reassignWork',
  tag,
  summary: "Hand a user's open work to another",
  description:
    'For an ADMIN. All open assignments and the ownership of plans and actions go to another active manager, in one step.',
  access: 'admin',
  body: reassignmentSchema,
  answer: { status: 200, description: 'How many were handed over', schema: reassignedSchema },
  problems: ['NOT_FOUND'],
  async handle({ gate, caller, database, params, body, now }) {
    const { companyId } = caller
    const { answer } = await gate.write({
      load: [
        userById(database, companyId, params.userId),
        userById(database, companyId, body.toUserId),
        countHandedOver(database, companyId, params.userId, now),
      ] as const,
      decide(_viewer, [users, [heir], [counts]]) {
        if (heir?.active !== 1 || heir.role === 'EMPLOYEE' || heir.id === params.userId) {
          throw invalid([{ path: 'toUserId', message: 'must be another active company manager' }])
        }
        const user = requireUser(users)
        const { condition, effects } = handOver(database, user, heir, counts, now)
        return {
          condition,
          effects,
          answer: json({
            assignments: counts?.assignments ?? 0,
            plans: counts?.plans ?? 0,
            actions: counts?.actions ?? 0,
          }),
        }
      },
    })
    return answer
  },
})

function requireUser([user]: readonly UserRow[]): UserRow {
  if (!user) throw new Problem('NOT_FOUND', 'There is no such user.')
  return user
}

function isActiveAdmin({ role, active }: UserRow): boolean {
  return role === 'ADMIN' && active === 1
}

export const userEndpoints = [list, read, create, update, reassign]
