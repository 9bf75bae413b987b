/** /api/v1/sign-in-codes and /api/v1/sessions */
import { empty, json } from '../platform/answer.ts'
import { endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { equalInConstantTime, newId, sha256Hex } from '../platform/ids.ts'
import { preferredLocale } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { newToken, rememberSession } from '../platform/session.ts'
import { emailKeyOf } from '../platform/text.ts'
import { toIso } from '../platform/time.ts'
import { viewUser } from '../people/view.ts'
import { codeOf } from './codes.ts'
import { sessionSchema, signInCodeAnswerSchema, signInCodeRequestSchema, signInSchema } from './schemas.ts'
import { giveTriesBack, insertCode, liveSessions, openSession, revokeSessions, spendTry } from './store.ts'

const tag = 'Sessions'

const requestCode = publicEndpoint({
  method: 'POST',
  path: '/api/v1/sign-in-codes',
  operationId: 'requestSignInCode',
  tag,
  summary: 'Ask for a sign-in code by e-mail',
  description:
    'The answer is the same whether or not the address is known. A code has 8 digits and lives 10 minutes.',
  body: signInCodeRequestSchema,
  answer: {
    status: 202,
    description: 'If the address is known, a code is on its way',
    schema: signInCodeAnswerSchema,
  },
  problems: [],
  async handle({ body, raw, env, settings, database, now }) {
    const emailKey = emailKeyOf(body.email)
    const codeId = newId(now)
    await database.batch([
      insertCode(database, {
        id: codeId,
        emailKey,
        emailHash: await sha256Hex(emailKey),
        addressHash: await sha256Hex(addressOf(raw)),
        locale: preferredLocale(raw.headers.get('Accept-Language')),
        now,
        limited: settings.RATE_LIMITS === 'on',
      }),
    ])
    await env.SIGN_IN_MAIL.send({ codeId })
    return json({ message: 'If this address is known, a sign-in code is on its way.' }, 202)
  },
})

const signIn = publicEndpoint({
  method: 'POST',
  path: '/api/v1/sessions',
  operationId: 'signIn',
  tag,
  summary: 'Open a session with a sign-in code',
  body: signInSchema,
  answer: { status: 200, description: 'The session', schema: sessionSchema },
  problems: ['SIGN_IN_FAILED'],
  async handle({ body, env, settings, database, now }) {
    const emailHash = await sha256Hex(emailKeyOf(body.email))
    const [codes] = await database.batch([spendTry(database, emailHash, now)])
    const matches = await Promise.all(
      codes.map(async ({ id }) =>
        equalInConstantTime(await codeOf(id, settings.SIGN_IN_CODE_SECRET), body.code),
      ),
    )
    const code = codes[matches.indexOf(true)]
    if (!code?.user_id || !code.company_id) throw new Problem('SIGN_IN_FAILED')
    const token = newToken()
    const id = await sha256Hex(token)
    const expiresAt = now + settings.SESSION_TTL_SECONDS * 1000
    const siblings = codes.filter((other) => other !== code).map((other) => other.id)
    const owner = { userId: code.user_id, companyId: code.company_id }
    try {
      // KV first: without its row in D1 what it remembers opens nothing, and if it fails the code is still good.
      await rememberSession(env.SESSIONS, { sessionId: id, ...owner, expiresAt }, now)
      const [, , , [user]] = await database.batch(
        openSession(database, { id, codeId: code.id, siblings, now, expiresAt }),
      )
      if (!user) throw new Problem('SIGN_IN_FAILED')
      return json({ sessionId: token, expiresAt: toIso(expiresAt), user: viewUser(user) })
    } catch (error) {
      // Ours, not a wrong try; a crash here costs one.
      if (!(error instanceof Problem))
        await database.batch([giveTriesBack(database, [code.id, ...siblings])]).catch(() => undefined)
      throw error
    }
  },
})

const signOut = endpoint({
  method: 'DELETE',
  path: '/api/v1/sessions/current',
  operationId: 'signOut',
  tag,
  summary: 'End this session',
  access: 'session',
  answer: { status: 204, description: 'Ended' },
  problems: [],
  async handle({ gate, caller, database, env, now }) {
    const { answer } = await gate.write({
      load: [],
      decide: () => ({
        effects: [revokeSessions(database, caller.userId, caller.sessionId, now)],
        answer: empty(204),
      }),
    })
    await forget(env.SESSIONS, [caller.sessionId])
    return answer
  },
})

const signOutEverywhere = endpoint({
  method: 'DELETE',
  path: '/api/v1/sessions',
  operationId: 'signOutEverywhere',
  tag,
  summary: 'End all my sessions',
  access: 'session',
  answer: { status: 204, description: 'Ended' },
  problems: [],
  async handle({ gate, caller, database, env, now }) {
    let ids: string[] = []
    const { answer } = await gate.write({
      load: [liveSessions(database, caller.userId, now)] as const,
      decide(_viewer, [live]) {
        ids = live.map(({ id }) => id)
        return { effects: [revokeSessions(database, caller.userId, null, now)], answer: empty(204) }
      },
    })
    await forget(env.SESSIONS, ids)
    return answer
  },
})

/** D1 has ended them already; KV only saves the look-up, so it may fail or be cut short. */
async function forget(kv: KVNamespace, ids: readonly string[]): Promise<void> {
  await Promise.allSettled(ids.slice(0, 100).map((id) => kv.delete(id)))
}

export const sessionEndpoints = [requestCode, signIn, signOut, signOutEverywhere]
