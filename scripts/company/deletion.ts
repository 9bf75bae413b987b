/** `npm run company -- delete …`: removes a company with everything that is kept for it. */
import { createInterface } from 'node:readline/promises'
import { objectKey } from '../../src/exports/files.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { emailKeyOf } from '../../src/platform/text.ts'
import { DELETE_HELP, type Deletion, parseDeletion } from './delete-options.ts'
import {
  closeSql,
  codesSql,
  findSql,
  NAMED_AT_ONCE,
  outsideSql,
  portionSql,
  restSql,
} from './deletion-sql.ts'
import { openStores, type Row, type Stores } from './stores.ts'

/**
 * Carries out the command line.
 * @returns the exit code
 */
export async function runDeletion(args: readonly string[]): Promise<number> {
  const wish = parseDeletion(args)
  if (wish === null) {
    console.log(DELETE_HELP)
    return 0
  }
  if (Array.isArray(wish)) {
    console.error(
      `Nothing was done:\n${wish.map((complaint) => `  ${complaint}`).join('\n')}\n\n${DELETE_HELP}`,
    )
    return 2
  }
  try {
    await deleteCompany(wish, await openStores(wish.remote))
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

/**
 * First nobody can sign in any more; then everything goes in portions, each from KV and R2 before its rows, so that a run
 * after a crash finds what is left. The company's own row is the last.
 * @throws Error when there is no such company, or the confirmation is not its name
 */
async function deleteCompany({ companyId, confirmed }: Deletion, stores: Stores): Promise<void> {
  const [[company] = [], people = []] = await stores.execute(findSql(companyId))
  if (!company) throw new Error(`Nothing was done: there is no company ${companyId}.`)
  const { name, users, plans, exports: count } = company
  console.log(`The company "${name}" (${companyId}): ${users} users, ${plans} plans, ${count} exports.`)
  if ((confirmed ?? (await ask('To delete it for good, type its name: '))) !== name) {
    throw new Error('Nothing was done: that is not its name.')
  }
  const emailHashes = await Promise.all(people.map(({ email }) => sha256Hex(emailKeyOf(String(email)))))
  await stores.execute(closeSql(companyId, Date.now()))
  for (let at = 0; at < emailHashes.length; at += NAMED_AT_ONCE) {
    await stores.execute(codesSql(emailHashes.slice(at, at + NAMED_AT_ONCE)))
  }
  console.log('Nobody can sign in there any more.')
  const total = { tokens: 0, files: 0 }
  for (let more = true; more;) {
    const [sessions = [], keys = [], exported = []] = await stores.execute(outsideSql(companyId))
    const hashes = [...sessions, ...keys].map(({ hash }) => String(hash))
    const files = exported.filter(({ name: file }) => file !== null).map(keyOf)
    await stores.deleteTokens(hashes)
    await stores.deleteFiles(files)
    const exportIds = [...new Set(exported.map(({ id }) => String(id)))]
    const results = await stores.execute(portionSql(companyId, hashes, exportIds))
    more = results.at(-1)?.[0]?.more === 1
    total.tokens += hashes.length
    total.files += files.length
    if (more) console.log(`… ${total.tokens} sessions and keys, ${total.files} files so far`)
  }
  await stores.execute(restSql(companyId))
  console.log(
    `Deleted the company "${name}": ${users} users, ${plans} plans, ${count} exports, ${total.files} files, ${total.tokens} sessions and keys.`,
  )
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
