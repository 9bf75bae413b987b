/** The answer with what is kept about and by a user. */
import * as z from 'zod'
import { actionSchema, noteSchema } from '../actions/schemas.ts'
import { KEY_SCOPES, LOCALES, STATUSES, VISIBILITIES } from '../db/enums.ts'
import { exportSchema } from '../exports/schemas.ts'
import { historyEntrySchema } from '../history/schemas.ts'
import { userSchema } from '../people/schemas.ts'
import { id, timestamp } from '../platform/schemas.ts'
import { webhookSchema } from '../webhooks/schemas.ts'

const language = z.enum(LOCALES)

export const personalDataSchema = z
  .object({
    asOf: timestamp(),
    company: z.object({ id: id(), name: z.string() }),
    user: userSchema,
    sessions: z.array(
      z.object({ createdAt: timestamp(), expiresAt: timestamp(), revokedAt: timestamp().nullable() }),
    ),
    accessKeys: z
      .array(
        z.object({
          id: id(),
          name: z.string(),
          scope: z.enum(KEY_SCOPES),
          hint: z.string(),
          createdAt: timestamp(),
          expiresAt: timestamp(),
          lastUsedAt: timestamp().nullable(),
          revokedAt: timestamp().nullable(),
        }),
      )
      .meta({ description: 'Those that the user made; for a day after they ended' }),
    signInCodes: z
      .array(
        z.object({
          language,
          tries: z.int().meta({ description: 'How often a code was entered' }),
          createdAt: timestamp(),
          expiresAt: timestamp(),
          usedAt: timestamp().nullable(),
        }),
      )
      .meta({ description: 'Of the last day' }),
    plans: z
      .array(
        z.object({
          id: id(),
          title: z.string(),
          description: z.string(),
          visibility: z.enum(VISIBILITIES),
          createdAt: timestamp(),
          updatedAt: timestamp(),
        }),
      )
      .meta({ description: 'Those that the user created' }),
    actions: z
      .array(actionSchema.omit({ companyId: true, assignees: true, createdBy: true }))
      .meta({ description: 'Those that the user created' }),
    assignments: z.array(
      z.object({
        actionId: id(),
        planId: id(),
        actionTitle: z.string(),
        status: z.enum(STATUSES),
        startedAt: timestamp().nullable(),
        finishedAt: timestamp().nullable(),
      }),
    ),
    notes: z
      .array(noteSchema.omit({ authorId: true, authorName: true }))
      .meta({ description: 'Those that the user wrote' }),
    calendars: z
      .array(z.object({ createdAt: timestamp() }))
      .meta({ description: 'The one whose secret address was given out, if there is one' }),
    exports: z
      .array(exportSchema.extend({ language }))
      .meta({ description: 'Those that the user requested' }),
    history: z
      .array(historyEntrySchema.omit({ actor: true }))
      .meta({ description: 'What the user has done, as far as it is kept' }),
    linkMails: z
      .array(
        z.object({
          exportId: id(),
          language,
          createdAt: timestamp(),
          settledAt: timestamp().nullable().meta({ description: 'When it was sent, or given up' }),
        }),
      )
      .meta({ description: 'Mails with fresh links, of the last two days' }),
    reminders: z
      .array(
        z.object({
          date: z.string().meta({ description: 'Of the morning, in the time zone of the company' }),
          overdue: z.array(id()),
          due: z.array(id()),
          expired: z.array(id()).meta({ description: 'Those that reminders have lately listed as expired' }),
          createdAt: timestamp(),
          sentAt: timestamp().nullable().meta({ description: 'null: it was not sent' }),
        }),
      )
      .meta({ description: 'The latest reminders, with the ids of the actions that they tell of' }),
    webhooks: z.array(webhookSchema),
  })
  .meta({ id: 'PersonalData' })

type PersonalData = z.infer<typeof personalDataSchema>
/** An item of one of the lists. */
export type ItemOf<Name extends ListName> = PersonalData[Name][number]
export type ListName = Exclude<keyof PersonalData, 'asOf' | 'company' | 'user'>
/** What comes before the lists. */
export type PersonalHead = Omit<PersonalData, ListName>
