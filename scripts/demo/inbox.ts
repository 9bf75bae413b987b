/** Waiting for a mail, as a person would who looks into the mailbox. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Mail } from '../mailbox/mails.ts'

const PATIENCE_MS = 30_000

/**
 * Waits until a mail to the address has a text that matches.
 * @returns the mail and the match
 */
export async function waitForMail(
  mailboxUrl: string,
  address: string,
  pattern: RegExp,
): Promise<{ mail: Mail; match: string }> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const response = await fetch(`${mailboxUrl}/emails`)
    // Our own mailbox.
    const mails = (await response.json()) as Mail[]
    for (const mail of mails) {
      const match = pattern.exec(mail.text ?? '')?.[0]
      if (match !== undefined && [mail.to].flat().includes(address)) return { mail, match }
    }
    await sleep(50)
  }
  throw new Error(`No mail to ${address} that matches ${String(pattern)} within ${PATIENCE_MS / 1000} s.`)
}
