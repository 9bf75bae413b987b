/** Erases what tells who a former user was. What the person wrote stays, under a name that tells nothing. */
import type { Locale } from '../db/enums.ts'
import { release, releasing } from '../directory/reservations.ts'
import { type Address, owedReleaseOf } from '../directory/store.ts'
import { staying } from '../directory/staying-store.ts'
import { FORMER } from '../db/former-colleague.ts'
import { deleteErasedFiles } from '../exports/erasure.ts'
import { endExports, type ErasedFile, filesToErase } from '../exports/erasure-store.ts'
import { requireUser } from '../people/users.ts'
import { endCalendar, eraseUser, type StoredUser, userById } from '../people/user-store.ts'
import { viewUser } from '../people/view.ts'
import { type Answer, resource } from '../platform/answer.ts'
import { sha256Hex } from '../platform/hash.ts'
import { forgetNaming } from '../platform/idempotency.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import { deleteSessions } from '../platform/session.ts'
import { emailKeyOf } from '../platform/text.ts'
import { countWork } from '../reassignments/store.ts'
import { deleteWebhooksOf } from '../webhooks/deleted-store.ts'
import { deleteTraces, languageOfCompany, mayBeErased, tokensOf } from './store.ts'

/**
 * Erases a user who is not active: D1 in one atomic step, after KV and before the files. If a step fails, the same request
 * does the rest, and the sweep deletes files even without it. A user who is erased already stays as is. Throws 404 NOT_FOUND, 409
 * USER_ACTIVE or WORK_NOT_HANDED_OVER, and the problems of `AuthorizedRequest.write`.
 */
export async function erase(
  request: AuthorizedRequest,
  facts: Pick<RequestFacts, 'env' | 'meter' | 'id'>,
  userId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId } = caller
  const { env } = facts
  let lost: readonly Address[] = []
  let ended: ErasedFile[] = []
  const answer = await request.write({
    load: [
      userById(database, companyId, userId),
      languageOfCompany(database, companyId),
      countWork(database, companyId, userId, now),
      filesToErase(database, { companyId, userId }),
      owedReleaseOf(database, { companyId, userId }),
      ...tokensOf(database, userId),
    ] as const,
    async decide(_viewer, [[found], [company], [work], files, unreleased, keys, sessions]) {
      const user = requireUser(found)
      if (user.active) throw new Problem('USER_ACTIVE', 'Deactivate the user first.')
      if (user.erasedAt !== null) {
        // Exports of others that are not over name the user as erased.
        ended = files.filter(({ isOwn, expiresAt }) => isOwn || (expiresAt !== null && expiresAt <= now))
        lost = unreleased
        return { effects: [], history: [], answer: resource(viewUser(user)) }
      }
      const { assignments, plans, actions } = work ?? { assignments: 0, plans: 0, actions: 0 }
      if (assignments + plans + actions > 0) {
        throw new Problem(
          'WORK_NOT_HANDED_OVER',
          `Open assignments: ${String(assignments)}; own plans: ${String(plans)}; own actions: ${String(actions)}. Reassign them first.`,
        )
      }
      // No token of theirs is of use since the deactivation. Once D1 has forgotten the hashes, nothing else knows them.
      await deleteSessions(
        env.SESSIONS,
        [...keys, ...sessions].map(({ hash }) => hash),
      )
      ended = files
      const address = { emailKey: emailKeyOf(user.email), companyId, userId }
      lost = [address]
      const language = company?.language ?? 'en'
      const erased = erasedUser(user, language, now)
      return {
        condition: mayBeErased(user, language, now),
        effects: [
          ...deleteTraces(database, userId, await sha256Hex(address.emailKey)),
          ...releasing(database, address, now),
          endCalendar(database, userId),
          ...deleteWebhooksOf(database, userId, now),
          ...endExports(database, { companyId, userId }, now),
          forgetNaming(database, user, now),
          eraseUser(database, erased, now),
        ],
        history: [],
        answer: resource(viewUser(erased)),
      }
    },
  })
  for (const address of lost) await release(env, database, address, facts)
  await deleteErasedFiles({ database: staying(database, companyId), bucket: env.FILES }, userId, ended, now)
  return answer
}

function erasedUser(user: StoredUser, language: Locale, now: number): StoredUser {
  return { ...user, name: FORMER[language], email: `erased-${user.id}@erased.invalid`, erasedAt: now }
}
