/**
 * E-mail addresses are unique over all databases. A user who is not to be in `DB` gets the address there first, then the
 * row in the company's database; then the address is confirmed. What a crash leaves in between the sweep settles by asking
 * the company's database, which has the last word.
 */
import { type Database, databaseOf, directoryOf, type Meter } from '../platform/database.ts'
import { type DatabaseName, DIRECTORY } from '../platform/place.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import {
  type Address,
  addressesToSettle,
  confirmAddress,
  freeAddress,
  reserveAddress,
  usersWithAddresses,
} from './store.ts'

/** Keeps the address for the user, before the user's row is written to `home`; false if it is somebody else's. */
export async function reserve(
  env: object,
  home: Database,
  address: Address,
  { now, meter }: { now: number; meter: Meter },
): Promise<boolean> {
  if (home.at === DIRECTORY) return true
  const directory = directoryOf(env, meter)
  const [reserved] = await directory.batch([reserveAddress(directory, address, now)])
  return reserved.length > 0
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

/** Confirms or frees the addresses whose use is in doubt. Those of a database that does not answer stay as they are. */
export async function settleAddresses({ env, database: directory, meter, now }: Sweep): Promise<void> {
  if (directory.at !== DIRECTORY) return
  const [due] = await directory.batch([addressesToSettle(directory, now)])
  for (const [at, ofOne] of Map.groupBy(due, ({ database }) => database)) {
    await settleIn(env, directory, at, ofOne, meter).catch((error: unknown) => {
      logFailure(`sweep.settleAddresses`, error)
    })
  }
  if (due.length > 0) logStep('sweep.addresses', { addresses: due.length }, meter)
}

async function settleIn(
  env: Env,
  directory: Database,
  at: DatabaseName,
  due: readonly Address[],
  meter: Meter,
): Promise<void> {
  const home = databaseOf(env, { database: at }, meter)
  const [used] = await home.batch([
    usersWithAddresses(
      home,
      due.map(({ emailKey }) => emailKey),
    ),
  ])
  const owners = new Map(used.map((owner) => [owner.emailKey, owner]))
  const [first, ...rest] = due.map((address) => {
    const owner = owners.get(address.emailKey)
    return owner?.companyId === address.companyId
      ? confirmAddress(directory, owner)
      : freeAddress(directory, address)
  })
  if (first) await directory.batch([first, ...rest])
}
