/** Answers about exports, and the message in the export queue. */
import * as mini from '@zod/mini'
import * as z from 'zod'
import { EXPORT_FAILURES, EXPORT_KINDS, EXPORT_STATUSES } from '../db/enums.ts'
import { ID_PATTERN } from '../platform/ids.ts'
import { id, sliceQuery, timestamp } from '../platform/schemas.ts'
import { databaseName } from '../platform/place.ts'

export const exportSchema = z
  .object({
    id: id(),
    kind: z.enum(EXPORT_KINDS).meta({ id: 'ExportKind', description: 'One plan, or all plans' }),
    planId: id().nullable().meta({ description: 'null for PORTFOLIO' }),
    planTitle: z.string().nullable().meta({ description: 'null for PORTFOLIO' }),
    status: z.enum(EXPORT_STATUSES).meta({ id: 'ExportStatus' }),
    progress: z
      .object({ done: z.int(), total: z.int() })
      .meta({ description: 'Actions written so far, of all' }),
    files: z.array(
      z.object({ name: z.string(), bytes: z.int(), sha256: z.string().meta({ description: 'Hexadecimal' }) }),
    ),
    attempts: z.int(),
    requestedAt: timestamp(),
    finishedAt: timestamp().nullable(),
    expiresAt: timestamp().nullable().meta({ description: 'When its files are deleted' }),
    failure: z.object({ code: z.enum(EXPORT_FAILURES), detail: z.string() }).nullable(),
  })
  .meta({ id: 'Export' })

export const exportListQuery = sliceQuery({})

export const linksSchema = z
  .object({
    links: z.array(z.object({ name: z.string(), url: z.url(), expiresAt: timestamp() })),
  })
  .meta({ id: 'ExportLinks' })

const idText = () => mini.string().check(mini.regex(ID_PATTERN))

export const exportMessage = mini.object({
  companyId: idText(),
  database: databaseName(),
  exportId: idText(),
})

/** A message about a mail with fresh links goes through the same queue. It has every member of an `exportMessage`. */
export const linkMailMessage = mini.object({ ...exportMessage.shape, linkMailId: idText() })

export type LinkMailMessage = mini.infer<typeof linkMailMessage>

export type ExportMessage = mini.infer<typeof exportMessage>

export type ExportView = z.infer<typeof exportSchema>
