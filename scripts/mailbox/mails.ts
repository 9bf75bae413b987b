/** A mail as the mailbox shows and as it keeps it. */
export interface Mail {
  id: string
  from: string
  /** As it was sent: one address or several. */
  to: string | string[]
  subject: string
  text: string | null
  html: string | null
  /** Header fields of its own, by name. */
  headers: Readonly<Record<string, string>>
  idempotencyKey: string | null
  createdAt: string
}

/** What is stored of a mail: what is shown, and what tells a repeated request from a different one. */
export interface StoredMail extends Mail {
  bodyHash: string
}
