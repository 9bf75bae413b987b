/** Requests and answers of signing in, and the message in the queue of sign-in mails. */
import * as mini from '@zod/mini'
import * as z from 'zod'
import { userSchema } from '../people/schemas.ts'
import { ID_PATTERN } from '../platform/ids.ts'
import { databaseName } from '../platform/place.ts'
import { timestamp } from '../platform/schemas.ts'
import { emailText } from '../platform/text.ts'

export const signInCodeRequestSchema = z.object({ email: emailText() }).meta({ id: 'SignInCodeRequest' })

export const signInCodeAnswerSchema = z.object({ message: z.string() }).meta({ id: 'SignInCodeAnswer' })

export const signInSchema = z
  .object({
    email: emailText(),
    code: z
      .string()
      .trim()
      .regex(/^\d{8}$/, 'must be 8 digits'),
  })
  .meta({ id: 'SignIn' })

export const sessionSchema = z
  .object({
    sessionId: z.string().meta({ description: 'Opaque; goes into the header `SessionId` of every request' }),
    expiresAt: timestamp(),
    user: userSchema,
  })
  .meta({ id: 'Session' })

export const codeMessage = mini.object({
  codeId: mini.string().check(mini.regex(ID_PATTERN)),
  database: databaseName(),
})

export type CodeMessage = mini.infer<typeof codeMessage>
export type SignIn = z.infer<typeof signInSchema>
