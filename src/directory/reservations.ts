/**
 * E-mail addresses are unique over all databases. A user who is not to be in `DB` gets the address there first, then the
 * row in the company's database; then the address is confirmed. What a crash leaves in between the sweep settles by asking
 * the company's database, which has the last word. An address that a user loses goes back in the same order: the company's
 * database records in one batch that it is to be released, and forgets the record once `DB` has released it.
 */
import { type Database, databaseOf, directoryOf, type Meter } from '../platform/database.ts'
import { type DatabaseName, DIRECTORY } from '../platform/place.ts'
import { sha256Hex } from '../platform/hash.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import type { Statement } from '../platform/write.ts'
import {
  type Address,
  addressesToSettle,
  cancelReservation,
  confirmAddress,
  freeAddress,
  knownAddress,
  owedReleases,
  oweRelease,
  releaseAddress,
  reserveAddress,
  settleRelease,
  usersWithAddresses,
} from './store.ts'

/** An address that is kept for a user. */
export interface Reservation {
  address: Address
  /** Whether nobody else relies on it: somebody of the same company may have reserved it before. */
  isOwn: boolean
}

/** Keeps the address for the user, before the user's row is written to `home`; null if it is somebody else's. */
export async function reserve(
  env: object,
  home: Database,
  address: Address,
  { now, meter }: { now: number; meter: Meter },
): Promise<Reservation | null> {
  if (home.at === DIRECTORY) return { address, isOwn: false }
  const directory = directoryOf(env, meter)
  const [known, reserved] = await directory.batch([
    knownAddress(directory, address.emailKey),
    reserveAddress(directory, address, now),
  ])
  return reserved.length === 0 ? null : { address, isOwn: known.length === 0 }
}

/**
 * Frees the address of a user who was not written for certain, so that others may have it at once. What somebody of the company
 * had reserved before is left to the sweep, as that user may be about to be written. A failure is logged.
 */
export async function cancel(
  env: object,
  { address, isOwn }: Reservation,
  { meter, id }: { meter: Meter; id: string },
): Promise<void> {
  if (!isOwn) return
  const directory = directoryOf(env, meter)
  await directory.batch([cancelReservation(directory, address)]).catch((error: unknown) => {
    logFailure(id, error)
  })
}

/** Notes that the user's row is written. A failure is logged: the sweep finds out by itself. */
export async function confirm(
  env: object,
  home: Database,
  address: Address,
  { meter, id }: { meter: Meter; id: string },
): Promise<void> {
  if (home.at === DIRECTORY) return
  const directory = directoryOf(env, meter)
  await directory.batch([confirmAddress(directory, address)]).catch((error: unknown) => {
    logFailure(id, error)
  })
}

/** For the batch in which a user loses the address: has it released, sooner or later. */
export function releasing(home: Database, address: Address, now: number): Statement[] {
  return home.at === DIRECTORY ? [] : [oweRelease(home, address, now)]
}

/** Releases addresses that users have lost. Repeated, it does no harm. Throws DatabaseUnavailable. */
async function releaseAll(env: object, home: Database, lost: readonly Address[], meter: Meter) {
  const directory = directoryOf(env, meter)
  for (const address of lost) {
    await directory.batch(releaseAddress(directory, address, await sha256Hex(address.emailKey)))
    await home.batch([settleRelease(home, address)])
  }
}

/** Releases an address, after the batch with `releasing`. A failure is logged: the sweep does it then. */
export async function release(
  env: object,
  home: Database,
  address: Address,
  { meter, id }: { meter: Meter; id: string },
): Promise<void> {
  if (home.at === DIRECTORY) return
  await releaseAll(env, home, [address], meter).catch((error: unknown) => {
    logFailure(id, error)
  })
}

/** Releases in `DB` the addresses that users of another database have lost. */
export async function releaseAddresses({ env, database: home, meter, now }: Sweep): Promise<void> {
  if (home.at === DIRECTORY) return
  const [owed] = await home.batch([owedReleases(home, now)])
  if (owed.length === 0) return
  await releaseAll(env, home, owed, meter)
  logStep('sweep.released-addresses', { addresses: owed.length }, meter)
}

/** Confirms or frees the addresses whose use is in doubt. Those of a database that does not answer stay as they are. */
export async function settleAddresses({ env, database: directory, meter, now }: Sweep): Promise<void> {
  if (directory.isAlone || directory.at !== DIRECTORY) return
  const [due] = await directory.batch([addressesToSettle(directory, now)])
  for (const [at, ofOne] of Map.groupBy(due, ({ database }) => database)) {
    await settleIn({ env, directory, meter, now }, at, ofOne).catch((error: unknown) => {
      logFailure(`sweep.settleAddresses`, error)
    })
  }
  if (due.length > 0) logStep('sweep.addresses', { addresses: due.length }, meter)
}

async function settleIn(
  { env, directory, meter, now }: { env: Env; directory: Database; meter: Meter; now: number },
  at: DatabaseName,
  due: readonly Address[],
): Promise<void> {
  const home = databaseOf(env, { database: at }, meter)
  const [used, away] = await home.batch(
    usersWithAddresses(
      home,
      due.map(({ emailKey }) => emailKey),
      home.at === DIRECTORY ? [] : [...new Set(due.map(({ companyId }) => companyId))],
    ),
  )
  const moving = new Set(away.map(({ companyId }) => companyId))
  const owners = new Map(used.map((owner) => [owner.emailKey, owner]))
  const settled = due.filter(({ companyId }) => !moving.has(companyId))
  const [first, ...rest] = settled.map((address) => {
    const owner = owners.get(address.emailKey)
    return owner?.companyId === address.companyId
      ? confirmAddress(directory, owner)
      : freeAddress(directory, address, now)
  })
  if (first) await directory.batch([first, ...rest])
}
