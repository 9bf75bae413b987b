/** Reminders in the kill test: companies whose morning a round opens. Each of their people must get one mail. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { users } from '../../src/db/schema.ts'
import { newIds } from '../../src/platform/new-id.ts'
import { createCompany } from '../company/creation.ts'
import { importFile } from '../company/import-file.ts'
import { localStores } from '../company/stores.ts'
import { withLocalBindings } from '../local/bindings.ts'
import { openSession } from '../local/session.ts'
import { call, expectStatus, type Mail, type Service } from './service.ts'

/** They are inserted by one statement, which has at most 100 parameters. */
const PEOPLE = 8
const HOUR_MS = 3_600_000

/** A company with people who have something to be told. */
export interface Morning {
  /** A session of its ADMIN. */
  token: string
  emails: readonly string[]
  /** Whether a change of the time zone, to one where it is between 8 and 9, may have happened. */
  opened: boolean
}

/** A time zone whose clocks show that hour now. */
function zoneAt(hour: number): string {
  const offset = ((hour - new Date().getUTCHours() + 36) % 24) - 12
  return offset === 0 ? 'Etc/UTC' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`
}

/** Makes the companies, while no service runs; for each it is evening. */
export async function makeMornings(stateDir: string, count: number): Promise<Morning[]> {
  return withLocalBindings(stateDir, async (bindings) => {
    const stores = localStores(bindings)
    const mornings: Morning[] = []
    for (let number = 1; number <= count; number += 1) {
      // Companies in every database.
      const at = stores.databases[number % stores.databases.length] ?? 'DB'
      const database = drizzle(bindings.databases[at] ?? bindings.env.DB)
      const emails = Array.from({ length: PEOPLE }, (_, index) => `p${index}@company-${number}.test`)
      const [adminEmail = '', ...others] = emails
      const names = { name: `Company ${number}`, adminEmail, adminName: 'Person 0' }
      await createCompany(
        { command: 'create', ...names, timeZone: zoneAt(20), language: 'en', database: at },
        stores,
      )
      const [admin] = await database.select().from(users).where(eq(users.email, adminEmail))
      if (!admin) throw new Error('The company has no ADMIN')
      const { companyId } = admin
      const ids = newIds(others.map(() => Date.now()))
      await database.insert(users).values(
        others.map((email, index) => ({
          ...{ id: ids[index] ?? '', companyId, email, emailKey: email, role: 'MANAGER' as const },
          ...{ name: `Person ${index + 1}`, nameFolded: `person ${index + 1}`, createdAt: 1, updatedAt: 1 },
        })),
      )
      const dueDate = new Date(Date.now() + 24 * HOUR_MS).toISOString()
      const actions = [{ externalId: 'a', title: 'Due tomorrow', dueDate, assignees: emails }]
      const file = join(stateDir, 'due.ndjson')
      await writeFile(file, JSON.stringify({ externalId: 'p', title: 'Plan', visibility: 'PUBLIC', actions }))
      await importFile({ command: 'import', file, companyId, dryRun: false }, stores)
      mornings.push({
        token: await openSession(bindings, { id: admin.id, companyId }, at),
        emails,
        opened: false,
      })
    }
    return mornings
  })
}

/** Opens the company's morning; asked for again it changes nothing. */
export async function openMorning({ url }: Service, morning: Morning): Promise<void> {
  morning.opened = true
  const change = { timeZone: zoneAt(8) }
  const { status } = await call({ url, token: morning.token }, 'PATCH', '/api/v1/company', change)
  expectStatus(status, 200, 'PATCH company')
}

/** Who has no mail yet, though the morning was opened. */
export function withoutReminder(mails: readonly Mail[], mornings: readonly Morning[]): string[] {
  const reminded = new Set(remindersIn(mails).map(({ to }) => String(to)))
  return mornings
    .filter(({ opened }) => opened)
    .flatMap(({ emails }) => emails)
    .filter((email) => !reminded.has(email))
}

/** Two mails to one person, or two with one key. */
export function doubleReminders(mails: readonly Mail[]): string[] {
  const reminders = remindersIn(mails)
  return [...reminders.map(({ to }) => String(to)), ...reminders.map(({ idempotencyKey }) => idempotencyKey)]
    .filter((one, index, all) => all.indexOf(one) !== index)
    .map((one) => `${one ?? ''} has more than one reminder`)
}

function remindersIn(mails: readonly Mail[]): Mail[] {
  return mails.filter(({ idempotencyKey }) => idempotencyKey?.startsWith('reminder-'))
}
