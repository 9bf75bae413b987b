/**
 * Variables and secrets of the deployment, parsed once per isolate. If one is missing or invalid, requests fail from
 * the first one on, and the log names it.
 */
import * as z from '@zod/mini'

const wholeNumber = (smallest: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,9}$/, 'must be a whole number')),
    z.pipe(z.transform(Number), z.number().check(z.minimum(smallest))),
  )

const days = z.pipe(
  z.string().check(z.regex(/^\d{1,5}(\.\d{1,9})?$/, 'must be a number of days')),
  z.transform(Number),
)

const signingKey = z.pipe(
  z
    .string()
    .check(z.regex(/^[A-Za-z0-9]{1,16}:.{32,}$/, 'must be "<key id>:<secret of 32 characters or more>"')),
  z.transform((text: string) => {
    const [id = ''] = text.split(':', 1)
    return { id, secret: text.slice(id.length + 1) }
  }),
)

const names = z.pipe(
  z.string(),
  z.transform((text: string) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
)

const settingsSchema = z.object({
  PUBLIC_URL: z.url({ protocol: /^https?$/ }),
  MAIL_API_URL: z.url({ protocol: /^https?$/ }),
  MAIL_FROM: z.string().check(z.minLength(3)),
  RATE_LIMITS: z.enum(['on', 'off']),
  READ_REPLICAS: z.enum(['on', 'off']),
  SESSION_TTL_SECONDS: wholeNumber(1),
  EXPORT_LINK_TTL_SECONDS: wholeNumber(1),
  EXPORT_RETENTION_DAYS: days,
  EXPORT_STUCK_AFTER_SECONDS: wholeNumber(0),
  COMPANY_MAX_MIB: wholeNumber(1),
  EXPORTS_QUEUE: z.string().check(z.minLength(1)),
  SIGN_IN_MAIL_QUEUE: z.string().check(z.minLength(1)),
  DEAD_LETTER_QUEUE: z.string().check(z.minLength(1)),
  WEBHOOKS_QUEUE: z.string().check(z.minLength(1)),
  REMINDERS_QUEUE: z.string().check(z.minLength(1)),
  SWEEPS_QUEUE: z.string().check(z.minLength(1)),
  HISTORY_RETENTION_DAYS: days,
  WEBHOOK_TRUSTED_HOSTS: names,
  CORS_ORIGINS: names,
  MAIL_API_KEY: z.string().check(z.minLength(1)),
  SIGN_IN_CODE_SECRET: z.string().check(z.minLength(32)),
  DERIVED_KEYS_SECRET: z.string().check(z.minLength(32)),
  LINK_SIGNING_KEY: signingKey,
  LINK_SIGNING_KEY_PREVIOUS: z.union([
    z.pipe(
      z.literal('none'),
      z.transform(() => null),
    ),
    signingKey,
  ]),
})

export type Settings = z.infer<typeof settingsSchema>
export type SigningKey = z.infer<typeof signingKey>

/** A missing or invalid variable or secret. The message holds names and no values, so it may be logged. */
export class SettingsError extends Error {
  constructor(names: readonly string[]) {
    super(`Settings missing or not valid: ${names.join(', ')}`)
    this.name = 'SettingsError'
  }
}

const parsed = new WeakMap<Env, Settings>()

/** The settings. Throws SettingsError with the name of each invalid variable, never its value. */
export function readSettings(env: Env): Settings {
  const known = parsed.get(env)
  if (known) return known
  const result = settingsSchema.safeParse(env)
  if (!result.success) {
    const names = new Set(result.error.issues.map((issue) => String(issue.path[0])))
    throw new SettingsError([...names])
  }
  // Two keys with one id: links that were signed with the previous key could not be checked any more.
  if (result.data.LINK_SIGNING_KEY.id === result.data.LINK_SIGNING_KEY_PREVIOUS?.id) {
    throw new SettingsError(['LINK_SIGNING_KEY_PREVIOUS'])
  }
  parsed.set(env, result.data)
  return result.data
}
