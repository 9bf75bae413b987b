/** Signs users in with a code from an e-mail, and signs them out. */
import { databaseForAddress } from '../directory/homes.ts'
import { viewUser } from '../people/view.ts'
import { type Answer, empty, json } from '../platform/answer.ts'
import { equalInConstantTime, sha256Hex } from '../platform/hash.ts'
import { newId } from '../platform/new-id.ts'
import { Problem } from '../platform/problem.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { namedLocale } from '../platform/locale.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import { forgetSessions, rememberSession, revokeSessions } from '../platform/session.ts'
import { emailKeyOf } from '../platform/text.ts'
import { toIso } from '../platform/time.ts'
import { newToken } from '../platform/token.ts'
import { codeOf } from './codes.ts'
import type { SignIn } from './schemas.ts'
import { giveTriesBack, insertCode, liveSessions, openSession, spendTry } from './store.ts'

/**
 * Records a code and queues its mail. Answer and work are the same for unknown addresses, so that neither reveals them.
 */
export async function requestCode(
  { raw, env, settings, reach, now }: RequestFacts,
  email: string,
): Promise<Answer> {
  const emailKey = emailKeyOf(email)
  const codeId = newId(now)
  const database = await databaseForAddress(reach, emailKey)
  await database.batch([
    insertCode(database, {
      id: codeId,
      emailKey,
      emailHash: await sha256Hex(emailKey),
      addressHash: await sha256Hex(addressOf(raw)),
      accepted: namedLocale(raw.headers.get('Accept-Language')),
      now,
      limited: settings.RATE_LIMITS === 'on',
    }),
  ])
  await env.SIGN_IN_MAIL.send({ codeId, database: database.at })
  return json({ message: 'If this address is known, a sign-in code is on its way.' }, 202)
}

/** Opens a session. Throws 401 SIGN_IN_FAILED if the code matches no live code of the address. */
export async function signIn(
  { env, settings, reach, now }: RequestFacts,
  { email, code: presented }: SignIn,
): Promise<Answer> {
  const emailKey = emailKeyOf(email)
  const database = await databaseForAddress(reach, emailKey)
  const emailHash = await sha256Hex(emailKey)
  const [codes] = await database.batch([spendTry(database, emailHash, now)])
  const matches = await Promise.all(
    codes.map(async ({ id }) =>
      equalInConstantTime(await codeOf(id, settings.SIGN_IN_CODE_SECRET), presented),
    ),
  )
  const code = codes[matches.indexOf(true)]
  if (!code?.userId || !code.companyId) throw new Problem('SIGN_IN_FAILED')
  const token = newToken()
  const id = await sha256Hex(token)
  const expiresAt = now + settings.SESSION_TTL_SECONDS * 1000
  const siblings = codes.filter((other) => other !== code).map((other) => other.id)
  const { userId, companyId } = code
  try {
    // KV is written first. Without its row in D1, the session is not valid; and if KV fails, the code can still be
    // used.
    await rememberSession(
      env.SESSIONS,
      { tokenHash: id, userId, companyId, expiresAt, database: database.at },
      now,
    )
    const [, , , [user]] = await database.batch(
      openSession(database, { id, codeId: code.id, siblings, now, expiresAt }),
    )
    if (!user) throw new Problem('SIGN_IN_FAILED')
    reach.own = database.at
    return json({ sessionId: token, expiresAt: toIso(expiresAt), user: viewUser(user) })
  } catch (error) {
    // A failure on our side must not count as a wrong try. If the worker crashes here, the try is lost.
    if (!(error instanceof Problem))
      await database.batch([giveTriesBack(database, [code.id, ...siblings])]).catch(() => undefined)
    throw error
  }
}

/** Ends the caller's session. Throws the problems of `AuthorizedRequest.write`. */
export async function signOut(request: AuthorizedRequest, kv: KVNamespace): Promise<Answer> {
  const { database, caller, now } = request
  const answer = await request.write({
    load: [],
    decide: () => ({
      effects: [revokeSessions(database, caller.userId, caller.tokenHash, now)],
      history: [],
      answer: empty(204),
    }),
  })
  await forgetSessions(kv, [caller.tokenHash])
  return answer
}

/** Ends all sessions of the caller. Throws the problems of `AuthorizedRequest.write`. */
export async function signOutEverywhere(request: AuthorizedRequest, kv: KVNamespace): Promise<Answer> {
  const { database, caller, now } = request
  let ids: string[] = []
  const answer = await request.write({
    load: [liveSessions(database, caller.userId, now)] as const,
    decide(_viewer, [live]) {
      ids = live.map(({ id }) => id)
      return {
        effects: [revokeSessions(database, caller.userId, null, now)],
        history: [],
        answer: empty(204),
      }
    },
  })
  await forgetSessions(kv, ids)
  return answer
}
