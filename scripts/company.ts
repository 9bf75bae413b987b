/** `npm run company -- create …`, `… import …` and `… delete …`: an operator's companies, local or remote. */
import { runDeletion } from './company/deletion.ts'
import { importFile } from './company/import-file.ts'
import { HELP, type ImportWish, type NewCompany, parseCommandLine } from './company/options.ts'
import { companySql, type Holder } from './company/sql.ts'
import { openStateDir, openStores } from './company/stores.ts'
import { withLocalTarget, wranglerTarget } from './company/target.ts'

const [command, ...rest] = process.argv.slice(2)
const wish = command === 'delete' ? 'delete' : parseCommandLine(process.argv.slice(2))
if (wish === 'delete') {
  process.exitCode = await runDeletion(rest)
} else if (wish === null) {
  console.log(HELP)
} else if (Array.isArray(wish)) {
  console.error(`Nothing was done:\n${wish.map((complaint) => `  ${complaint}`).join('\n')}\n\n${HELP}`)
  process.exitCode = 2
} else {
  try {
    console.log(wish.command === 'create' ? await create(wish) : await bringAlong(wish))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

/**
 * @returns what happened, for the operator
 * @throws Error when the address belongs to somebody else
 */
async function create(company: NewCompany): Promise<string> {
  const { companyId, sql } = companySql(company, Date.now())
  const holder = await execute(sql, company.remote)
  if (holder.companyId === companyId) {
    return `Made the company "${company.name}" (${companyId}) with ${company.adminEmail} as its ADMIN.`
  }
  if (holder.companyName === company.name && holder.role === 'ADMIN' && holder.active === 1) {
    return `The company "${company.name}" (${holder.companyId}) exists, with ${company.adminEmail} as an ADMIN. Nothing to do.`
  }
  const active = holder.active === 1 ? '' : 'inactive '
  throw new Error(
    `Nothing was done: ${company.adminEmail} belongs to an ${active}${holder.role} of the company "${holder.companyName}".`,
  )
}

/** @returns what happened, for the operator */
async function bringAlong(wish: ImportWish): Promise<string> {
  if (wish.remote) return importFile(wish, wranglerTarget(['--remote']))
  const stateDir = await openStateDir()
  return withLocalTarget(stateDir, (target) => importFile(wish, target))
}

/** Runs the statements; the last one's one row. */
async function execute(sql: string, remote: boolean): Promise<Holder> {
  const stores = await openStores(remote)
  const results = await stores.execute(sql)
  const row = results.at(-1)?.[0]
  if (!row) throw new Error('The database answered without a row')
  // The last statement selects these columns.
  return row as unknown as Holder
}
