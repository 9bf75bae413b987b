/** Lists, reads, adds and changes users. */
import { cancel, confirm, type Reservation, reserve } from '../directory/reservations.ts'
import { CompanyMoving } from '../directory/staying-store.ts'
import { isFreeElsewhere, placeOf } from '../directory/store.ts'
import { revokeKeys } from '../platform/access-keys.ts'
import { type Answer, created, resource, slice } from '../platform/answer.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { newId } from '../platform/new-id.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { revokeSessions } from '../platform/session.ts'
import { emailKeyOf } from '../platform/text.ts'
import type { MePatch, NewUser, UserPatch } from './schemas.ts'
import {
  addressOwners,
  countOtherAdmins,
  endCalendar,
  insertUser,
  mayStepDown,
  type StoredUser,
  updateUser,
  userBytes,
  userById,
  type UserFilter,
  userIsUnchanged,
  userPage,
} from './user-store.ts'
import { viewUser } from './view.ts'

/** A slice of the company's users, newest first. */
export async function listUsers(
  request: AuthorizedRequest,
  filter: UserFilter,
  range: Slice,
): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read(userPage(database, caller.companyId, filter, range))
  const [[counted], users] = rows
  return slice(range.from, counted?.total ?? 0, users.map(viewUser))
}

/** A user. Throws 404 NOT_FOUND. */
export async function readUser(request: AuthorizedRequest, userId: string): Promise<Answer> {
  const { rows } = await request.read([userById(request.database, request.caller.companyId, userId)] as const)
  return resource(viewUser(requireUser(rows[0][0])))
}

/**
 * Adds a user; `path` is the path of all users. Throws 409 EMAIL_TAKEN, and the problems of
 * `AuthorizedRequest.writeOnce`.
 */
export async function createUser(
  request: AuthorizedRequest,
  { email, name, role }: NewUser,
  path: string,
  key: IdempotencyKey | null,
  facts: Pick<RequestFacts, 'env' | 'meter' | 'id' | 'now'>,
): Promise<Answer> {
  const { database, caller, now } = request
  const emailKey = emailKeyOf(email)
  const userOf = (id: string, createdAt: number): StoredUser => ({
    ...{ id, companyId: caller.companyId, email, name, role },
    ...{ active: true, language: null, reminders: true, revision: 1, createdAt, erasedAt: null },
  })
  const reserved: Reservation[] = []
  const written = request.writeOnce(
    {
      load: [placeOf(database, caller.companyId), ...addressOwners(database, emailKey)] as const,
      async decide(_viewer, [away, here, elsewhere]) {
        // The write would be refused, and until then nobody else should find the address taken.
        if (away.length > 0) throw new CompanyMoving(caller.companyId)
        if (here.length + elsewhere.length > 0) throw new Problem('EMAIL_TAKEN')
        const [earlier] = reserved
        const user = userOf(earlier?.address.userId ?? newId(now), now)
        if (!earlier) {
          const address = { emailKey, companyId: caller.companyId, userId: user.id }
          const made = await reserve(facts.env, database, address, facts)
          if (!made) throw new Problem('EMAIL_TAKEN')
          reserved.push(made)
        }
        return {
          condition: isFreeElsewhere(emailKey),
          effects: [insertUser(database, user)],
          history: [],
          adds: userBytes(user),
          facts: { id: user.id },
        }
      },
      answer: ({ id }, at) => created(viewUser(userOf(id, at)), `${path}/${id}`),
    },
    key,
  )
  const { answer } = await written.catch(async (error: unknown) => {
    const isRefused = error instanceof Problem || error instanceof CompanyMoving
    if (isRefused && reserved[0]) await cancel(facts.env, reserved[0], facts)
    throw error
  })
  if (reserved[0]) await confirm(facts.env, database, reserved[0].address, facts)
  return answer
}

/**
 * Changes, deactivates or reactivates a user. Throws 404 NOT_FOUND, 412 PRECONDITION_FAILED, 409 LAST_ADMIN or USER_ERASED,
 * and the problems of `AuthorizedRequest.write`.
 */
export async function patchUser(
  request: AuthorizedRequest,
  userId: string,
  patch: UserPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [
      userById(database, caller.companyId, userId),
      countOtherAdmins(database, caller.companyId, userId),
    ] as const,
    async decide(_viewer, [[found], [others]]) {
      const before = requireUser(found)
      await requireMatch(ifMatch, viewUser(before))
      const after = patchedUser(before, patch)
      if (before.erasedAt !== null && after !== before) throw new Problem('USER_ERASED')
      const stepsDown = isActiveAdmin(before) && !isActiveAdmin(after)
      if (stepsDown && (others?.admins ?? 0) === 0) throw new Problem('LAST_ADMIN')
      return {
        condition: stepsDown ? mayStepDown(before) : userIsUnchanged(before),
        effects:
          after === before
            ? []
            : [
                updateUser(database, before, after, now),
                // A deactivated user loses all sessions, keys and the calendar's address for good: a reactivation
                // brings none back.
                ...(after.active
                  ? []
                  : [
                      revokeSessions(database, userId, null, now),
                      revokeKeys(database, userId, null, now),
                      endCalendar(database, userId),
                    ]),
              ],
        history: [],
        adds: userBytes(after) - userBytes(before),
        answer: resource(viewUser(after)),
      }
    },
  })
}

/** The signed-in user. */
export async function readMe(request: AuthorizedRequest): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read([userById(database, caller.companyId, caller.userId)] as const)
  return resource(viewUser(requireMe(rows[0][0])))
}

/** Changes the signed-in user. Throws 412 PRECONDITION_FAILED, and the problems of `AuthorizedRequest.write`. */
export async function patchMe(
  request: AuthorizedRequest,
  patch: MePatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [userById(database, caller.companyId, caller.userId)] as const,
    async decide(_viewer, [[found]]) {
      const before = requireMe(found)
      await requireMatch(ifMatch, viewUser(before))
      const after = patchedUser(before, patch)
      return {
        condition: userIsUnchanged(before),
        effects: after === before ? [] : [updateUser(database, before, after, now)],
        history: [],
        adds: userBytes(after) - userBytes(before),
        answer: resource(viewUser(after)),
      }
    },
  })
}

/** The user after the patch, or the same object if nothing changes. */
function patchedUser(user: StoredUser, patch: UserPatch & MePatch): StoredUser {
  const after = {
    ...user,
    name: patch.name ?? user.name,
    role: patch.role ?? user.role,
    active: patch.active ?? user.active,
    language: patch.clearLanguage === true ? null : (patch.language ?? user.language),
    reminders: patch.reminders ?? user.reminders,
  }
  return JSON.stringify(after) === JSON.stringify(user) ? user : after
}

/** The user that was found. Throws 404 NOT_FOUND without one. */
export function requireUser(user: StoredUser | undefined): StoredUser {
  if (!user) throw new Problem('NOT_FOUND', 'There is no such user.')
  return user
}

/** The user of the session, who exists as long as the session does. Throws 401 UNAUTHENTICATED without one. */
function requireMe(user: StoredUser | undefined): StoredUser {
  if (!user) throw new Problem('UNAUTHENTICATED')
  return user
}

function isActiveAdmin({ role, active }: StoredUser): boolean {
  return role === 'ADMIN' && active
}
