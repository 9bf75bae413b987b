/** Signing in as people do: ask for a code, read it in the mail, enter it. */
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { signInCodes } from '../../src/db/schema.ts'
import { call, type Reply } from './api.ts'
import { type Background, type Delivery, deliver } from './background.ts'
import { DATABASES } from './home.ts'

export const CODES = '/api/v1/sign-in-codes'
export const SESSIONS = '/api/v1/sessions'

interface SignedIn {
  sessionId: string
  expiresAt: string
}

export async function askForCode(
  email: string,
  headers: Record<string, string> = {},
  vars: Partial<Env> = {},
): Promise<Reply> {
  const reply = await call(null, 'POST', CODES, { body: { email }, headers, vars })
  expect(reply.status, reply.text).toBe(202)
  return reply
}

export async function deliverCode(message: unknown, attempts = 1): Promise<Delivery> {
  return deliver(env.SIGN_IN_MAIL_QUEUE, message, attempts)
}

/** Delivers what waits and reads the newest code. */
export async function receiveCode({ codes, mails }: Background): Promise<string> {
  for (const message of codes.splice(0)) await deliverCode(message)
  return /\b\d{8}\b/.exec(mails.at(-1)?.text ?? '')?.[0] ?? ''
}

/** Asks for a code and reads it in the mail that comes of it. */
export async function mailedCode(background: Background, email: string): Promise<string> {
  await askForCode(email)
  return receiveCode(background)
}

export async function enter(
  email: string,
  code: string,
  headers: Record<string, string> = {},
): Promise<Reply<SignedIn>> {
  return call<SignedIn>(null, 'POST', SESSIONS, { body: { email, code }, headers })
}

/** The status that entering the code is answered with. */
export async function tryCode(email: string, code: string): Promise<number> {
  return (await enter(email, code)).status
}

/** Enters another code than this one, again and again; each time in vain. */
export async function guess(email: string, code: string, times: number): Promise<void> {
  const wrong = String((Number(code) + 1) % 100_000_000).padStart(8, '0')
  for (let time = 1; time <= times; time += 1) expect(await tryCode(email, wrong)).toBe(401)
}

/** The codes of strangers are in `DB`, those of users in the database of their company. */
const databases = Object.values(DATABASES).map((d1) => drizzle(d1))

/** All codes, the oldest first. */
export async function storedCodes() {
  const codes = await Promise.all(databases.map((database) => database.select().from(signInCodes)))
  return codes.flat().sort((one, other) => one.createdAt - other.createdAt)
}

/** Deletes all codes. */
export async function forgetCodes(): Promise<void> {
  for (const database of databases) await database.delete(signInCodes)
}

/** Marks all codes as used. */
export async function useCodesUp(): Promise<void> {
  for (const database of databases) await database.update(signInCodes).set({ consumedAt: 1 })
}

/** Takes one wrong try back from all codes. */
export async function giveTryBack(): Promise<void> {
  for (const database of databases)
    await database.update(signInCodes).set({ tries: sql`${signInCodes.tries} - 1` })
}
