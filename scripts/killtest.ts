/**
 * `npm run killtest [-- --rounds 100]`, or `-- --ci` for five rounds: the real `npm run dev` with two databases (DATABASES for
 * more, or one), killed as a whole at random moments while it writes, imports, exports and reminds, started again on the same
 * state. In every other round its company is moved meanwhile, and the move is killed too. Nothing acknowledged may be lost,
 * nothing may happen twice, and the company is in one database.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { eq, ne } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { signInCodes, users } from '../src/db/schema.ts'
import { databaseNames } from '../src/platform/database.ts'
import { DEMO, DEMO_CODE } from '../src/platform/demo.ts'
import { Imports } from './killtest/imports.ts'
import { Ledger } from './killtest/ledger.ts'
import {
  doubleReminders,
  makeMornings,
  type Morning,
  openMorning,
  withoutReminder,
} from './killtest/mornings.ts'
import { Mover } from './killtest/moves.ts'
import { withLocalBindings } from './local/bindings.ts'
import { openSession } from './local/session.ts'
import { quietWrangler } from './local/wrangler.ts'
import {
  countByKey,
  mailsOf,
  newPlace,
  type Place,
  type Service,
  startService,
  sweep,
  TryLater,
  UnexpectedStatus,
} from './killtest/service.ts'
import { checkReceived, pendingDeliveries, type Watch, watchHistory } from './killtest/webhooks.ts'

const USERS_AT_ONCE = 4
const END_LIMIT_MS = 120_000
/** By then the sweep has sent again whatever message for a sign-in mail was lost. */
const CODES_END_MS = 30_000
/** How much longer a service lives while its company is moved: a command takes some seconds to begin. */
const MOVE_MS = 4000
/** After being told to come again. */
const PAUSE_MS = 100
const VARIABLES = { EXPORT_STUCK_AFTER_SECONDS: '1', RATE_LIMITS: 'off' }

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    ci: { type: 'boolean', default: false },
    // The longest life of a service in milliseconds; a busy machine needs more for the same work.
    life: { type: 'string', default: '2500' },
  },
})
process.env.DATABASES ??= '2'
const hasMoves = process.env.DATABASES !== '1'
const rounds = values.ci ? 5 : Number(values.rounds)
const problems: string[] = []

function complain(found: readonly string[], round: number): void {
  for (const problem of found) {
    problems.push(problem)
    console.error(`round ${round}: ${problem}`)
  }
}

interface Books {
  ledger: Ledger
  imports: Imports
  mover: Mover
  /** A session of Ana of the company that moves. */
  token: string
}

/** The service as Ana uses it, with one session all the time. */
async function startFor({ token }: Pick<Books, 'token'>, place: Place): Promise<Service> {
  return { ...(await startService(place, VARIABLES)), token }
}

/** Works until the service dies under it; every other user begins with an import. */
async function workUntilKilled(
  service: Service,
  { ledger, imports }: Books,
  name: string,
  user: number,
): Promise<void> {
  for (let count = 1; ; count += 1) {
    try {
      if (count > 1 || user % 2 === 0) await ledger.work(service, `${name}-${count}`)
      await imports.bringAlong(service, `${name}-${count}`)
    } catch (error) {
      if (error instanceof UnexpectedStatus) throw error
      if (!(error instanceof TryLater)) return
      await sleep(PAUSE_MS)
    }
  }
}

async function watchFromNow(place: Place, books: Books): Promise<Watch> {
  const service = await startFor(books, place)
  const watch = await watchHistory(service)
  await service.kill()
  return watch
}

/** The morning of a company comes, and the sweep reminds its people, until the service dies under it. */
async function remindUntilKilled(service: Service, morning: Morning): Promise<void> {
  try {
    await openMorning(service, morning)
    await sweep(service)
  } catch (error) {
    if (error instanceof UnexpectedStatus) throw error
  }
}

async function playRound(place: Place, books: Books, morning: Morning, round: number): Promise<void> {
  const { ledger, imports, mover } = books
  const before = { plans: ledger.plans, imports: imports.count }
  const service = await startFor(books, place)
  await sweep(service)
  const users = Array.from({ length: USERS_AT_ONCE }, async (_, index) =>
    workUntilKilled(service, books, `r${round}-u${index + 1}`, index),
  )
  users.push(remindUntilKilled(service, morning))
  const isMoving = hasMoves && round % 2 === 0
  if (isMoving) users.push(mover.moveUntilKilled())
  const life = Number(values.life)
  await sleep(Math.random() * life + (isMoving ? MOVE_MS : 0))
  const kills = [() => service.kill(), () => mover.kill()]
  if (Math.random() < 0.5) kills.reverse()
  for (const kill of kills) {
    await kill()
    if (isMoving) await sleep(Math.random() * life)
  }
  for (const user of await Promise.allSettled(users))
    if (user.status === 'rejected') complain([String(user.reason)], round)
  if (isMoving) await mover.settle(Math.random() < 0.3)
  const again = await startFor(books, place)
  await openMorning(again, morning)
  await sweep(again)
  complain(await ledger.checkWrites(again, before.plans), round)
  complain(await imports.check(again, before.imports), round)
  const { open, problems: found } = await ledger.openExports(again)
  complain(found, round)
  await again.kill()
  console.log(
    `round ${round}: ${ledger.acknowledged} writes, ${imports.acknowledged} imports and ${ledger.exports} exports acknowledged, ${open.length} exports under way${isMoving ? `, the company in ${mover.at}` : ''}`,
  )
}

async function finish(place: Place, books: Books, mornings: readonly Morning[], watch: Watch): Promise<void> {
  const { ledger, imports } = books
  const service = await startFor(books, place)
  const deadline = Date.now() + END_LIMIT_MS
  const codesEnd = Date.now() + CODES_END_MS
  for (;;) {
    await sweep(service)
    const { open, problems: found } = await ledger.openExports(service)
    complain(found, rounds)
    const pending = await pendingDeliveries(service, watch)
    const unreminded = withoutReminder(await mailsOf(service), mornings)
    const isQuiet = open.length === 0 && pending === 0 && unreminded.length === 0
    if (isQuiet && Date.now() > codesEnd) break
    if (Date.now() > deadline) {
      complain(
        [
          `${open.length} exports never ended: ${open.join(', ')}; ${pending} deliveries neither`,
          ...unreminded.map((email) => `${email} was not reminded`),
        ],
        rounds,
      )
      break
    }
    await sleep(1000)
  }
  complain(await ledger.checkWrites(service, 0), rounds)
  complain(await imports.check(service, 0), rounds)
  const { entries, tries, problems: undelivered } = await checkReceived(service, watch)
  complain(undelivered, rounds)
  console.log(`${entries} entries of the history were delivered in ${tries} tries`)
  const mails = await mailsOf(service)
  complain(doubleReminders(mails), rounds)
  await service.kill()
  const codeIds = await withLocalBindings(place.stateDir, async ({ databases, env }) => {
    const found = await Promise.all(
      databaseNames(databases).map((at) =>
        // The demo data has a code that nobody asked for.
        drizzle(databases[at] ?? env.DB)
          .select({ id: signInCodes.id })
          .from(signInCodes)
          .where(ne(signInCodes.id, DEMO_CODE.id)),
      ),
    )
    return found.flat().map(({ id }) => id)
  })
  complain(ledger.checkMails(countByKey(mails), codeIds), rounds)
}

/** Fills the state folder, and opens a session there that lasts. */
async function openAnasSession(): Promise<string> {
  const service = await startService(place, VARIABLES)
  await service.kill()
  return withLocalBindings(place.stateDir, async (bindings) => {
    const [ana] = await bindings.database.select().from(users).where(eq(users.email, 'ana@acme.test'))
    if (!ana) throw new Error('The demo data have no ana@acme.test')
    return openSession(bindings, ana)
  })
}

const stateDir = await mkdtemp(join(tmpdir(), 'killtest-'))
const place = await newPlace(stateDir)
quietWrangler(stateDir)
const books: Books = {
  ledger: new Ledger(),
  imports: new Imports(),
  mover: new Mover(DEMO.company, stateDir),
  token: await openAnasSession(),
}
const watch = await watchFromNow(place, books)
const mornings = await makeMornings(stateDir, rounds)
for (const [index, morning] of mornings.entries()) await playRound(place, books, morning, index + 1)
await finish(place, books, mornings, watch)
const { ledger, imports, mover } = books
if (problems.length === 0) await rm(stateDir, { recursive: true })
console.log(
  `${rounds} rounds, ${rounds * 2} kills: ${ledger.acknowledged} acknowledged writes, ${imports.count} imports, ${mornings.flatMap(({ emails }) => emails).length} reminders, ${ledger.exports} exports (${ledger.givenUp} given up after five kills in a row), ${ledger.codes} sign-in codes, ${mover.counts.done} moves done and ${mover.counts.undone} undone, killed ${mover.counts.killed} times on the way (writes were waiting for ${mover.counts.frozen} commands), ${problems.length} problems`,
)
process.exit(problems.length === 0 ? 0 : 1)
