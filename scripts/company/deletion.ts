/** `npm run company -- delete …`: removes a company with everything that is kept for it. */
import { createInterface } from 'node:readline/promises'
import { objectKey } from '../../src/exports/files.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { emailKeyOf } from '../../src/platform/text.ts'
import { closeQueries, findQueries, outsideQueries, portionQueries, restQueries } from './deletion-sql.ts'
import type { Deletion } from './options.ts'
import { count } from './progress.ts'
import type { Row, Stores } from './stores.ts'

/**
 * First nobody can sign in any more; then everything goes in portions, each from KV and R2 before its rows, so that a run
 * after a crash finds what is left. The company's own row is the last.
 * @returns what happened, for the operator
 * @throws Error when there is no such company, or the confirmation is not its name
 */
export async function deleteCompany({ companyId, confirmed }: Deletion, stores: Stores): Promise<string> {
  const [[company] = [], people = []] = await stores.execute(findQueries(companyId))
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
  await stores.execute(closeQueries(companyId, emailHashes, Date.now()))
  console.log('Nobody can sign in there any more.')
  const total = { tokens: 0, files: 0 }
  const outside = () => `${count(total.files, 'file')}, ${count(total.tokens, 'token')}`
  for (let more = true; more;) {
    const [sessions = [], keys = [], exported = []] = await stores.execute(outsideQueries(companyId))
    const hashes = [...sessions, ...keys].map(({ hash }) => String(hash))
    const files = exported.filter(({ name: file }) => file !== null).map(keyOf)
    await stores.deleteTokens(hashes)
    await stores.deleteFiles(files)
    const exportIds = [...new Set(exported.map(({ id }) => String(id)))]
    const results = await stores.execute(portionQueries(companyId, hashes, exportIds))
    more = results.at(-1)?.[0]?.more === 1
    total.tokens += hashes.length
    total.files += files.length
    if (more) console.log(`… ${outside()} so far`)
  }
  await stores.execute(restQueries(companyId))
  return `Deleted the company "${name}": ${amounts}, ${outside()}.`
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
