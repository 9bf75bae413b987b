/**
 * Fresh links by mail, for somebody whose link has expired. The mail is recorded first; a message, or the sweep, then has
 * it sent, until the provider takes or refuses it.
 */
import { findAnywhere } from '../directory/homes.ts'
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { settleMail } from '../jobs/owed-mail.ts'
import { type Database, databaseOf, type Meter, newMeter } from '../platform/database.ts'
import { newId } from '../platform/new-id.ts'
import { namedLocale } from '../platform/locale.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import type { RequestFacts } from '../platform/request.ts'
import type { Sweep } from '../platform/sweep.ts'
import { readSettings } from '../settings.ts'
import { mailLinks } from './delivery.ts'
import { objectKey } from './files.ts'
import {
  exportOfLink,
  insertLinkMail,
  owedLinkMail,
  setLinkMailDue,
  settleLinkMail,
  takeOverdueLinkMails,
} from './link-mails-store.ts'
import type { LinkMailMessage } from './schemas.ts'
import {
  exportById,
  GIVE_UP_AFTER_MILLISECONDS,
  type Requester,
  requesterOf,
  type StoredExport,
} from './store.ts'

/** Whether the files of the export are kept, so that fresh links to them would be of use. */
export async function areFilesKept(
  { env, meter, now }: Pick<RequestFacts, 'env' | 'meter' | 'now'>,
  exportId: string,
): Promise<boolean> {
  const [found, { objects }] = await Promise.all([
    findExport(env, meter, exportId, now),
    env.FILES.list({ prefix: objectKey(exportId, ''), limit: 1 }),
  ])
  return found?.hasFiles === true && objects.length > 0
}

/** The export of a link, which does not name its database. */
async function findExport(env: Env, meter: Meter, exportId: string, now: number) {
  return findAnywhere(env, meter, async (database) => {
    const [[row]] = await database.batch([exportOfLink(database, exportId, now)])
    return row ?? null
  })
}

/**
 * Records a mail with fresh links for the requester of the export, if he or she may have one, and queues it. The work is
 * the same if not, so that who only holds the link learns nothing.
 */
export async function requestLinkMail(
  { raw, env, settings, meter, now, id: requestId }: RequestFacts,
  exportId: string,
): Promise<void> {
  const linkMailId = newId(now)
  const linkMail = {
    id: linkMailId,
    exportId,
    locale: namedLocale(raw.headers.get('Accept-Language')),
    linksEndAt: now + settings.EXPORT_LINK_TTL_SECONDS * 1000,
    linkKeyId: settings.LINK_SIGNING_KEY.id,
    now,
  }
  const found = await findAnywhere(env, meter, async (database) => {
    const [, [row]] = await database.batch([
      insertLinkMail(database, linkMail),
      exportOfLink(database, exportId, now),
    ])
    return row ? { ...row, database } : null
  })
  if (!found) return
  const { database, companyId, state } = found
  if (state !== null) throw new CompanyMoving(companyId)
  // What is recorded is sent by the sweep if the queue does not take the message.
  await sendLinkMail(env, database, { companyId, exportId, linkMailId }).catch((error: unknown) => {
    logFailure(requestId, error)
  })
}

/** Sends the mail of the message. A message whose mail is settled or was never recorded is acknowledged. */
export async function mailFreshLinks(message: Message, env: Env, body: LinkMailMessage): Promise<void> {
  const { companyId, exportId, linkMailId } = body
  const meter = newMeter()
  const settings = readSettings(env)
  const database = staying(databaseOf(env, body, meter), companyId)
  const [[owed], [row], files, [requester]] = await database.batch([
    owedLinkMail(database, companyId, linkMailId),
    ...exportById(database, companyId, exportId),
    requesterOf(database, exportId),
  ])
  if (!owed || !row) {
    message.ack()
    logStep('link-mail.surplus', { exportId }, meter)
    return
  }
  const now = Date.now()
  if (now - owed.createdAt > GIVE_UP_AFTER_MILLISECONDS || !requester || !mayHave(row, requester, now)) {
    await database.batch([settleLinkMail(database, linkMailId, now)])
    message.ack()
    logStep('link-mail.dropped', { exportId }, meter)
    return
  }
  const { locale, linkExpiresAt, linkKeyId } = owed
  const outcome = await mailLinks(
    { env, settings, meter },
    { ...row, locale, linkExpiresAt, linkKeyId },
    files,
    requester.email,
    `${exportId}-${linkMailId}`,
  )
  await settleMail(message, outcome, (mailDueAt) =>
    database.batch([
      mailDueAt === null
        ? settleLinkMail(database, linkMailId, Date.now())
        : setLinkMailDue(database, linkMailId, mailDueAt),
    ]),
  )
  logStep('link-mail.mail', { exportId, outcome: outcome.kind }, meter)
}

/** The right may have gone, and the files too, since the mail was recorded. */
function mayHave({ expiresAt }: StoredExport, { mayExport, mayRead, planExists }: Requester, now: number) {
  return expiresAt !== null && expiresAt > now && mayExport && (mayRead || !planExists)
}

/** Gives up the mail of a message that failed too often. The link in hand can ask for another one. */
export async function giveUpLinkMail(message: Message, env: Env, body: LinkMailMessage): Promise<void> {
  const { companyId, exportId, linkMailId } = body
  const meter = newMeter()
  const database = staying(databaseOf(env, body, meter), companyId)
  await database.batch([settleLinkMail(database, linkMailId, Date.now())])
  message.ack()
  logStep('dead-letter.link-mail', { exportId }, meter)
}

/** Sends the message again for mails that are overdue, since the first message may be lost. */
export async function resendLinkMails({ env, database, meter, now }: Sweep): Promise<void> {
  const [overdue] = await database.batch([takeOverdueLinkMails(database, now)])
  for (const ids of overdue) await sendLinkMail(env, database, ids)
  if (overdue.length > 0) logStep('sweep.link-mails', { exports: overdue.length }, meter)
}

async function sendLinkMail(
  env: Env,
  { at }: Database,
  ids: Omit<LinkMailMessage, 'database'>,
): Promise<void> {
  await env.EXPORTS.send({ ...ids, database: at })
}
