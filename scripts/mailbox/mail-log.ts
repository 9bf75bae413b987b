/**
 * Every mail the mailbox has accepted, one JSON line each in `mailbox.jsonl`. A line is on disk before its
 * sender hears 200, so that SIGKILL loses nothing that was acknowledged.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

export interface Mail {
  id: string
  from: string
  /** As it was sent: one address or several. */
  to: string | string[]
  subject: string
  text: string | null
  html: string | null
  idempotencyKey: string | null
  createdAt: string
}

/** What is stored of a mail: what is shown, and what tells a repeated request from a different one. */
export interface StoredMail extends Mail {
  bodyHash: string
}

export class MailLog {
  /** Oldest first. */
  readonly mails: StoredMail[]
  readonly #file: FileHandle
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: FileHandle, mails: StoredMail[]) {
    this.#file = file
    this.mails = mails
  }

  /** Opens the log in a folder, made if need be. A torn last line was never acknowledged and is cut off. */
  static async open(folder: string): Promise<MailLog> {
    await mkdir(folder, { recursive: true })
    const file = await open(join(folder, 'mailbox.jsonl'), 'a+')
    const bytes = await file.readFile()
    const end = bytes.lastIndexOf('\n') + 1
    if (end < bytes.length) await file.truncate(end)
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean)
    // Our own file, written by `append` below and nobody else.
    const mails = lines.map((line) => JSON.parse(line) as StoredMail)
    return new MailLog(file, mails)
  }

  /** Resolves once the mail is on disk. Appends wait for each other, so lines never interleave. */
  async append(mail: StoredMail): Promise<void> {
    const write = this.#writing.then(async () => {
      await this.#file.appendFile(`${JSON.stringify(mail)}\n`)
      await this.#file.datasync()
      this.mails.push(mail)
    })
    this.#writing = write.catch(() => undefined)
    await write
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }
}
