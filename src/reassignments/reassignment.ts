/** Hands all open work of a user over to another user. */
import { MANAGER_ROLES } from '../db/enums.ts'
import { requireUser } from '../people/users.ts'
import { type StoredUser, userById } from '../people/user-store.ts'
import { type Answer, json } from '../platform/answer.ts'
import { wellFormedId } from '../platform/ids.ts'
import { type InputError, invalid } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { actionsHandedOver, plansHandedOver } from './history-store.ts'
import type { Reassigned } from './schemas.ts'
import { countWork, handOver, isStillPossible } from './store.ts'

const UNFIT_HEIR: InputError = { path: 'toUserId', message: 'must be another active company manager' }

/**
 * Hands over open assignments and the ownership of plans and actions; answers the number of each. Throws 400
 * VALIDATION_FAILED if the heir is not another active manager, 404 NOT_FOUND, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function reassignWork(
  request: AuthorizedRequest,
  userId: string,
  heirId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [
      userById(database, caller.companyId, userId),
      userById(database, caller.companyId, heirId),
      countWork(database, caller.companyId, userId, now),
    ] as const,
    decide(_viewer, [[found], [heir], [counted]]) {
      if (!heir || !mayInherit(heir, userId)) throw invalid([UNFIT_HEIR])
      const user = requireUser(found)
      const work: Reassigned = counted ?? { assignments: 0, plans: 0, actions: 0 }
      return {
        condition: isStillPossible(user, heir, work, now),
        effects: handOver(database, user, heir, now),
        history: [plansHandedOver(user, heir), actionsHandedOver(user, heir, now)],
        answer: json(work),
      }
    },
  })
}

/** The error for an unfit heir, in a body that is invalid in other ways. */
export async function validateHeir(
  request: AuthorizedRequest,
  body: object,
  { userId }: { userId: string },
): Promise<InputError[]> {
  const heirId = 'toUserId' in body ? wellFormedId(body.toUserId) : null
  const { database, caller } = request
  const { rows } = await request.read([userById(database, caller.companyId, heirId ?? '')] as const)
  const [heir] = rows[0]
  return heirId === null || (heir && mayInherit(heir, userId)) ? [] : [UNFIT_HEIR]
}

function mayInherit({ id, role, active }: StoredUser, userId: string): boolean {
  return active && MANAGER_ROLES.some((managerRole) => managerRole === role) && id !== userId
}
