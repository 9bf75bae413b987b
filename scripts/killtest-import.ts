/**
 * `npm run killtest:import [-- --actions 100000 --kills 10]`: an operator's import in one piece, then the same file into
 * another database, killed at random moments and taken up again. Both must have stored the same.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sha256Hex } from '../src/platform/hash.ts'
import { withLocalBindings } from './local/bindings.ts'
import { killGroup, membersOf } from './local/process-group.ts'
import { quietWrangler } from './local/wrangler.ts'

const ACTIONS_EACH = 100
/** The bar of an import that has checked the file. */
const STORES = '] 0 of'
const EMAIL = 'ana@acme.test'

const { values } = parseArgs({
  options: { actions: { type: 'string', default: '100000' }, kills: { type: 'string', default: '10' } },
})
const kills = Number(values.kills)

/** Plans with actions in every state, with an assignee each, some with a note. */
async function writeFile(file: string, actions: number): Promise<void> {
  const stream = createWriteStream(file)
  for (let plan = 0; plan < actions / ACTIONS_EACH; plan += 1) {
    const line = {
      externalId: `plan-${plan}`,
      title: `Improve what the survey of team ${plan} showed`,
      visibility: plan % 2 === 0 ? 'PUBLIC' : 'PRIVATE',
      actions: Array.from({ length: ACTIONS_EACH }, (_, action) => ({
        externalId: `plan-${plan}/${action}`,
        title: `Talk about point ${action} in the weekly meeting`,
        description:
          `What came up in the survey of team ${plan}, point ${action}, and what is agreed on it. `.repeat(3),
        status: action % 3 === 0 ? 'COMPLETED' : 'NOT_STARTED',
        assignees: [EMAIL],
        notes: action % 10 === 0 ? [{ author: EMAIL, text: `Done in part, ${plan}/${action}` }] : [],
      })),
    }
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await finished(stream)
}

/**
 * Runs a command of `npm run company`, and kills it with all it started so many milliseconds after it has begun to store.
 * @returns the exit code, null of one that was killed; when it began to store, 0 if it did not
 */
async function company(stateDir: string, args: readonly string[], lifeMs = Infinity) {
  const child = spawn(process.execPath, ['scripts/company.ts', ...args], {
    env: { ...process.env, STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const die = () => {
    killGroup(child)
  }
  process.on('exit', die)
  let output = ''
  let storesSince = 0
  let timer: NodeJS.Timeout | undefined
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (storesSince > 0 || !output.includes(STORES)) return
      storesSince = Date.now()
      if (lifeMs !== Infinity) timer = setTimeout(die, lifeMs)
    })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  while (membersOf(child).length > 0) await sleep(20)
  process.off('exit', die)
  return { code, output, storesSince }
}

/** @returns when it began to store */
async function succeed(stateDir: string, args: readonly string[]): Promise<number> {
  const { code, output, storesSince } = await company(stateDir, args)
  if (code !== 0) throw new Error(`${args[0] ?? ''} ended with ${String(code)}:\n${output}`)
  console.log(lastLine(output))
  return storesSince
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}

/** Counts by kind, what is kept by trigger, and a digest of everything that the file says. */
async function storedIn(stateDir: string): Promise<Record<string, string | number>> {
  return withLocalBindings(stateDir, async ({ env: { DB } }) => {
    const tables = ['plans', 'actions', 'action_assignees', 'notes', 'history', 'action_texts']
    const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')
    const kept = await DB.prepare(
      `SELECT ${counts}, stored_bytes, history_number, history_bytes,
      (SELECT sum(action_count) FROM plans) AS counted FROM companies`,
    ).first<Record<string, number>>()
    let digest = ''
    for (let after = '', more = true; more;) {
      const { results } = await DB.prepare(
        `SELECT a.external_id AS id, p.external_id AS plan, p.title AS planTitle, p.visibility AS planVisibility,
           p.content_bytes, p.note_bytes, a.title, a.description, a.status, a.visibility, u.email,
           s.status AS assigneeStatus, n.text
         FROM actions AS a JOIN plans AS p ON p.id = a.plan_id JOIN action_assignees AS s ON s.action_id = a.id
         JOIN users AS u ON u.id = s.user_id LEFT JOIN notes AS n ON n.action_id = a.id
         WHERE a.importer = '' AND a.external_id > ? ORDER BY a.external_id LIMIT 5000`,
      )
        .bind(after)
        .all<{ id: string }>()
      digest = await sha256Hex(digest + JSON.stringify(results))
      after = results.at(-1)?.id ?? ''
      more = results.length > 0
    }
    return { ...kept, digest }
  })
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

const folder = await mkdtemp(join(tmpdir(), 'killtest-import-'))
quietWrangler(folder)
const file = join(folder, 'plans.ndjson')
await writeFile(file, Number(values.actions))
const create = ['create', '--name', 'Acme', '--admin-email', EMAIL, '--admin-name', 'Ana']
const bringAlong = ['import', '--file', file]
const whole = join(folder, 'whole')
await succeed(whole, create)
const start = Date.now()
const storesSince = await succeed(whole, bringAlong)
const storingMs = Date.now() - storesSince
console.log(
  `In one piece: checked after ${seconds(storesSince - start)}, stored after ${seconds(Date.now() - start)}`,
)

const parts = join(folder, 'parts')
await succeed(parts, create)
for (let kill = 1; kill <= kills; kill += 1) {
  // Together about as long as storing takes.
  const lifeMs = (Math.random() * 2 * storingMs) / (kills + 1)
  const { code, output } = await company(parts, bringAlong, lifeMs)
  console.log(
    `Kill ${kill}, ${seconds(lifeMs)} into storing: ${code === null ? lastLine(output) : 'too late'}`,
  )
}
await succeed(parts, bringAlong)
const [one, other] = [await storedIn(whole), await storedIn(parts)]
console.log(JSON.stringify(one))
if (JSON.stringify(one) !== JSON.stringify(other)) {
  console.error(`Not the same: ${JSON.stringify(other)}\nBoth are in ${folder}`)
  process.exit(1)
}
await rm(folder, { recursive: true })
console.log(`The same after ${kills} kills.`)
process.exit()
