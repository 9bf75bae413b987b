/** `npm run company -- create …` and `… import …`: an operator's first company and what it brings along, local or remote. */
import { mkdir } from 'node:fs/promises'
import { importFile } from './company/import-file.ts'
import { HELP, type ImportWish, type NewCompany, parseCommandLine } from './company/options.ts'
import { companySql, type Holder } from './company/sql.ts'
import { withLocalTarget, wranglerTarget } from './company/target.ts'
import { readStateDir } from './local/options.ts'
import { migrateLocally, quietWrangler, runWrangler } from './local/wrangler.ts'

const wish = parseCommandLine(process.argv.slice(2))
if (wish === null) {
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

/** The folder of the local database, which is made and brought up to date. */
async function openStateDir(): Promise<string> {
  const stateDir = readStateDir(process.env)
  await mkdir(stateDir, { recursive: true })
  quietWrangler(stateDir)
  await migrateLocally(stateDir)
  return stateDir
}

async function execute(sql: string, remote: boolean): Promise<Holder> {
  const command = ['d1', 'execute', 'DB', '--yes', '--json', '--command', sql]
  if (remote) return lastRow(await runWrangler([...command, '--remote']))
  const stateDir = await openStateDir()
  return lastRow(await runWrangler([...command, '--local', '--persist-to', stateDir]))
}

/** The last statement's one row, from wrangler's JSON. */
function lastRow(output: string): Holder {
  const results = JSON.parse(output) as { results: Holder[] }[]
  const row = results.at(-1)?.results[0]
  if (!row) throw new Error(`The database answered without a row:\n${output}`)
  return row
}
