/** Sends the e-mails about an export: its links, or that it failed. */
import { sendMail, type MailOutcome } from '../mail/mailer.ts'
import type { Settings, SigningKey } from '../settings.ts'
import { failureMail, linkMail } from './email.ts'
import { signLink } from './links.ts'
import type { StoredExport, StoredFile } from './store.ts'

/** The keys whose links are accepted, the current key first. */
export function signingKeys(settings: Settings): SigningKey[] {
  const previous = settings.LINK_SIGNING_KEY_PREVIOUS
  return previous === null ? [settings.LINK_SIGNING_KEY] : [settings.LINK_SIGNING_KEY, previous]
}

export interface SignedFile {
  name: string
  url: string
}

export async function signFiles(
  settings: Settings,
  exportId: string,
  files: readonly { name: string }[],
  expiresAt: number,
  key: SigningKey,
): Promise<SignedFile[]> {
  return Promise.all(
    files.map(async ({ name }) => ({
      name,
      url:
        settings.PUBLIC_URL.replace(/\/$/, '') + (await signLink({ exportId, file: name, expiresAt }, key)),
    })),
  )
}

/**
 * Mails the links of a stored export. Every try must send the same bytes, or the provider would not drop duplicates.
 */
export async function mailLinks(
  settings: Settings,
  row: StoredExport,
  files: readonly StoredFile[],
  to: string,
): Promise<MailOutcome> {
  const key = signingKeys(settings).find(({ id }) => id === row.linkKeyId)
  if (!key || row.linkExpiresAt === null || row.frozen === null) {
    return { kind: 'refused', reason: 'The key that its links were to be signed with has been withdrawn.' }
  }
  const plan = row.frozen
  return sendMail(
    settings,
    linkMail({
      exportId: row.id,
      to,
      locale: row.locale,
      timeZone: plan.timeZone,
      planTitle: plan.title,
      actionCount: plan.readableCount,
      links: await signFiles(settings, row.id, files, row.linkExpiresAt, key),
      linkExpiresAt: row.linkExpiresAt,
    }),
  )
}

/** Mails the requester that the export failed, with the same bytes at every try. */
export async function mailFailure(
  settings: Settings,
  row: Pick<StoredExport, 'id' | 'locale' | 'planTitle'>,
  to: string,
): Promise<MailOutcome> {
  return sendMail(
    settings,
    failureMail({ exportId: row.id, to, locale: row.locale, planTitle: row.planTitle }),
  )
}
