/** Sends the e-mails about an export: its links, or that it failed. */
import { completionPercent } from '../action-plans/view.ts'
import { sendMail, type MailOutcome } from '../mail/mailer.ts'
import { mayMailLinks, publicAddress } from '../platform/public-url.ts'
import { logStep } from '../platform/request-log.ts'
import type { Settings, SigningKey } from '../settings.ts'
import { failureMail, linkMail } from './email.ts'
import type { Frozen } from './frozen-store.ts'
import type { ExportJob } from './job.ts'
import { signLink } from './links.ts'
import type { StoredExport, StoredFile } from './store.ts'

/** The keys whose links are accepted, the current key first. */
export function signingKeys(settings: Settings): SigningKey[] {
  const previous = settings.LINK_SIGNING_KEY_PREVIOUS
  return previous === null ? [settings.LINK_SIGNING_KEY] : [settings.LINK_SIGNING_KEY, previous]
}

/** The files, each with its signed link. */
export async function signFiles<File extends { name: string }>(
  settings: Settings,
  exportId: string,
  files: readonly File[],
  expiresAt: number,
  key: SigningKey,
): Promise<(File & { url: string })[]> {
  return Promise.all(
    files.map(async (file) => ({
      ...file,
      url: publicAddress(settings, await signLink({ exportId, file: file.name, expiresAt }, key)),
    })),
  )
}

/**
 * Mails the links of a stored export, unless they would lead nowhere. Every try must send the same bytes, or the
 * provider would not drop duplicates.
 * @param idempotencyKey that of the mail; the first mail of an export has the id of the export
 */
export async function mailLinks(
  { env, settings, meter }: Pick<ExportJob, 'env' | 'settings' | 'meter'>,
  row: StoredExport,
  files: readonly StoredFile[],
  to: string,
  idempotencyKey = row.id,
): Promise<MailOutcome> {
  const key = signingKeys(settings).find(({ id }) => id === row.linkKeyId)
  if (!key || row.linkExpiresAt === null || row.frozen === null) {
    return { kind: 'refused', reason: 'The key that its links were to be signed with has been withdrawn.' }
  }
  // Tried again rather than given up: once PUBLIC_URL is right, the mail goes out.
  if (!(await mayMailLinks(env, settings, meter))) {
    logStep('export.links-unavailable', { exportId: row.id }, meter)
    return { kind: 'retry', reason: 'PUBLIC_URL is a local address.', afterSeconds: null }
  }
  const { frozen } = row
  return sendMail(settings, {
    ...linkMail({
      exportId: row.id,
      to,
      locale: row.locale,
      companyName: frozen.companyName,
      accentColor: row.accentColor,
      name: frozen.exportedBy,
      timeZone: frozen.timeZone,
      ...contentsOf(frozen),
      completionPercent: completionPercent(frozen),
      overdueCount: frozen.overdueCount,
      files: await signFiles(settings, row.id, files, row.linkExpiresAt, key),
      linkExpiresAt: row.linkExpiresAt,
      filesExpireAt: row.expiresAt ?? row.linkExpiresAt,
    }),
    idempotencyKey,
  })
}

/** What a mail says of the contents. */
function contentsOf(frozen: Frozen) {
  if (frozen.kind === 'PORTFOLIO') {
    const { actionCount, planCount } = frozen
    return { planTitle: null, actionCount, planCount, hasHiddenActions: false }
  }
  const { title, readableCount, actionCount } = frozen
  return { planTitle: title, actionCount: readableCount, hasHiddenActions: actionCount > readableCount }
}

/** Mails the requester that the export failed, with the same bytes at every try. */
export async function mailFailure(
  settings: Settings,
  { id, kind, locale, companyName, accentColor, requesterName, ...row }: StoredExport,
  to: string,
): Promise<MailOutcome> {
  const planTitle = kind === 'PORTFOLIO' ? null : row.planTitle
  return sendMail(
    settings,
    failureMail({ exportId: id, to, locale, companyName, accentColor, name: requesterName, planTitle }),
  )
}
