/** Fails when what is generated is not what its source would generate now, or a migration is dangerous. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { experimental_generateTypes } from 'wrangler'

const TYPES_FILE = 'worker-configuration.d.ts'
const folder = mkdtempSync(join(tmpdir(), 'check-generated-'))
try {
  const complaints = [...(await checkTypes()), ...checkMigrations(), ...checkJournal(), ...checkDrops()]
  for (const complaint of complaints) console.error(complaint)
  process.exitCode = complaints.length > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true })
}

async function checkTypes(): Promise<string[]> {
  // With the flags of the script types:generate; the file's own header names them.
  const { content } = await experimental_generateTypes({
    path: TYPES_FILE,
    includeRuntime: false,
    strictVars: false,
  })
  return content === readFileSync(TYPES_FILE, 'utf8')
    ? []
    : [`${TYPES_FILE} is not what wrangler.toml gives: npm run types:generate`]
}

/**
 * Lets drizzle-kit continue a copy of the migrations. Only its word that nothing is to add counts: it exits
 * with 0 also when it would have to ask something and cannot.
 */
function checkMigrations(): string[] {
  const copy = join(folder, 'migrations')
  cpSync('migrations', copy, { recursive: true })
  const out = relative('.', copy)
  const output = run([
    'drizzle-kit',
    'generate',
    '--dialect=sqlite',
    '--schema=./src/db/schema.ts',
    `--out=${out}`,
  ])
  run(['drizzle-kit', 'check', '--dialect=sqlite', `--out=${out}`])
  return output.includes('No schema changes')
    ? []
    : ['src/db/schema.ts has changed and its migration is missing: npm run db:generate']
}

/** wrangler applies files by name, drizzle-kit builds on its journal: they must tell the same story. */
function checkJournal(): string[] {
  const journal = JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')) as {
    entries: { tag: string }[]
  }
  const noted = journal.entries.map(({ tag }) => `${tag}.sql`)
  return migrationsIn('migrations').join() === noted.join()
    ? []
    : ['migrations/*.sql and migrations/meta/_journal.json name different migrations']
}

/** On D1 a dropped table takes its children's rows with it, and drizzle-kit rebuilds tables by dropping them. */
function checkDrops(): string[] {
  const files = migrationsIn('migrations').map((name) => ({
    name,
    sql: readFileSync(join('migrations', name), 'utf8').replaceAll(/--.*$/gm, ''),
  }))
  const parents = new Set(files.flatMap(({ sql }) => tablesAfter(/\bREFERENCES\s+`?(\w+)/gi, sql)))
  return files.flatMap(({ name, sql }) =>
    tablesAfter(/\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?`?(\w+)/gi, sql)
      .filter((table) => parents.has(table))
      .map((table) => `migrations/${name} drops ${table}, and with it every row that refers to it`),
  )
}

function tablesAfter(keyword: RegExp, sql: string): string[] {
  return [...sql.matchAll(keyword)].map(([, table = '']) => table)
}

function migrationsIn(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

/**
 * Runs a tool of this project.
 * @returns what it printed on stdout
 * @throws Error with all its output
 */
function run([tool = '', ...args]: string[]): string {
  try {
    return execFileSync('npx', ['--no-install', tool, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 120_000,
    })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${tool} failed.\n${stdout}${stderr}`)
  }
}
