/** `npm run company -- delete …`: removes a company with everything that is kept for it. */
import { createInterface } from 'node:readline/promises'
import { objectKey } from '../../src/exports/files.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { DIRECTORY } from '../../src/platform/place.ts'
import { emailKeyOf } from '../../src/platform/text.ts'
import { closeQueries, findQueries } from './deletion-sql.ts'
import { executeAt, forget, homeToStay, standingsOf } from './homes.ts'
import { guard } from './move/places-sql.ts'
import type { Deletion } from './options.ts'
import { count } from './progress.ts'
import { removeRows } from './removal.ts'
import type { Row, Stores } from './stores.ts'

/**
 * First nobody can sign in any more; then everything goes in portions, each from KV and R2 before its rows, so that a run
 * after a crash finds what is left. The company's own row is the last.
 * @returns what happened, for the operator
 * @throws Error when there is no such company, or the confirmation is not its name
 */
export async function deleteCompany({ companyId, confirmed }: Deletion, stores: Stores): Promise<string> {
  const home = await homeToStay(stores, companyId)
  if (!home) {
    // Also after a deletion that was cut off between the company and its traces.
    await removeTraces(stores, companyId)
    throw new Error(`Nothing was done: there is no company ${companyId}.`)
  }
  const execute = executeAt(stores, home)
  // No move may begin meanwhile.
  const stays = guard(companyId, [null])
  const [[company] = [], people = []] = await execute(findQueries(companyId))
  if (!company) throw new Error(`Nothing was done: there is no company ${companyId}.`)
  const { name } = company
  const amounts = ['user', 'plan', 'export']
    .map((what) => count(Number(company[`${what}s`]), what))
    .join(', ')
  console.log(`The company "${name}" (${companyId}): ${amounts}.`)
  if ((confirmed ?? (await ask('To delete it for good, type its name: '))) !== name) {
    throw new Error('Nothing was done: that is not its name.')
  }
  const emailHashes = await Promise.all(people.map(({ email }) => sha256Hex(emailKeyOf(String(email)))))
  await execute([stays, ...closeQueries(companyId, emailHashes, Date.now())])
  // Of users in `DB` their own rows were the directory.
  const addresses = { sql: 'DELETE FROM addresses WHERE company_id = ?1', params: [companyId] }
  if (home !== DIRECTORY) await stores.execute([addresses], DIRECTORY)
  console.log('Nobody can sign in there any more.')
  const total = { tokens: 0, files: 0 }
  const outside = () => `${count(total.files, 'file')}, ${count(total.tokens, 'token')}`
  await removeRows(execute, companyId, {
    guards: [stays],
    async beforehand({ hashes, exported }) {
      const files = exported.filter(({ name: file }) => file !== null).map(keyOf)
      await stores.deleteTokens(hashes)
      await stores.deleteFiles(files)
      total.tokens += hashes.length
      total.files += files.length
    },
    afterwards(more) {
      if (more) console.log(`… ${outside()} so far`)
    },
  })
  await removeTraces(stores, companyId)
  return `Deleted the company "${name}": ${amounts}, ${outside()}.`
}

/** Removes what moves have left in other databases, and what the directory knows. */
async function removeTraces(stores: Stores, companyId: string): Promise<void> {
  for (const { at, hasCompany, place } of await standingsOf(stores, companyId)) {
    const guards = [guard(companyId, [place])]
    if (hasCompany) await removeRows(executeAt(stores, at), companyId, { guards })
  }
  await forget(stores, companyId)
}

function keyOf({ id, name }: Row): string {
  return objectKey(String(id), String(name))
}

/** @returns what is typed; '' if nobody can type */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const closed = new Promise<string>((resolve) =>
      terminal.once('close', () => {
        resolve('')
      }),
    )
    return await Promise.race([terminal.question(question), closed])
  } finally {
    terminal.close()
  }
}
