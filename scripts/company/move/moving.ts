/** `npm run company -- move …`: carries out the steps of a move, or of its undoing, until nothing is left to be done. */
import { executeAt, standingsOf } from '../homes.ts'
import type { Move, Undoing } from '../options.ts'
import { count, progressBar } from '../progress.ts'
import { removeRows } from '../removal.ts'
import type { Stores } from '../stores.ts'
import { contentOf, copyCompany, countRows, differencesOf, type Ends } from './copying.ts'
import {
  announceQueries,
  forwardQueries,
  freezeQueries,
  guard,
  openQueries,
  switchQueries,
  turnQueries,
  unfreezeQueries,
} from './places-sql.ts'
import { homeOf, nextStep, nextUndoing, type Step, type UndoingStep } from './steps.ts'

type Doable<Any extends { do: string }> = Exclude<Any, { do: 'done' | 'refuse' }>

/**
 * Moves the company, or goes on with a move that was cut off.
 * @returns what happened, for the operator
 * @throws Error when it is refused, or the ends differ after the copy; the same command may be given again
 */
export async function moveCompany({ companyId, to, dryRun }: Move, stores: Stores): Promise<string> {
  if (dryRun) return sizeOf(companyId, to, stores)
  let copied: string | null = null
  for (let moved = false; ; moved = true) {
    const step = nextStep(await standingsOf(stores, companyId), to, copied)
    if (step.do === 'refuse') throw new Error(`Nothing was done: ${step.why}.`)
    if (step.do === 'done')
      return moved ? `The company ${companyId} is in ${to}.` : `The company ${companyId} is in ${to} already.`
    await carryOut(companyId, step, stores)
    copied = step.do === 'copy' ? step.mark : null
  }
}

async function carryOut(companyId: string, step: Doable<Step>, stores: Stores): Promise<void> {
  const { at, seen } = step
  switch (step.do) {
    case 'clear':
      await clear(companyId, step, stores)
      break
    case 'announce':
      await stores.execute(announceQueries(companyId, seen, step.from), at)
      break
    case 'freeze':
      await stores.execute(freezeQueries(companyId, seen, step.to), at)
      console.log('Its people can read now, and not write.')
      break
    case 'copy':
      await copy(companyId, step, stores)
      break
    case 'switch':
      await stores.execute(switchQueries(companyId, seen, step), at)
      break
    case 'open':
      await stores.execute(openQueries(companyId, seen, at), at)
      console.log(`It is in ${at}, and its people can write again.`)
      break
    case 'direct':
      await stores.execute(forwardQueries(companyId, seen, step.to), at)
      break
  }
}

async function copy(
  companyId: string,
  { at: to, seen, from }: Extract<Step, { do: 'copy' }>,
  stores: Stores,
): Promise<void> {
  const guards = [guard(companyId, [seen])]
  const ends: Ends = { companyId, source: executeAt(stores, from), target: executeAt(stores, to), guards }
  const counts = await countRows(ends.source, companyId)
  const all = counts.reduce((sum, { rows }) => sum + rows, 0)
  await copyCompany(ends, counting('rows copied', all))
  const compared = counting('rows compared', all * 2)
  const [source, target] = await Promise.all([
    contentOf(ends.source, companyId, compared),
    contentOf(ends.target, companyId, compared),
  ])
  const differences = differencesOf(source, target)
  if (differences.length === 0) return
  const advice = 'Undo the move with --undo, and begin it anew.'
  throw new Error(`The copy differs, so that nothing was switched:\n  ${differences.join('\n  ')}\n${advice}`)
}

function counting(what: string, all: number): (rows: number) => void {
  const show = progressBar(what, all)
  let done = 0
  return (rows) => {
    done += rows
    show(done)
  }
}

async function clear(
  companyId: string,
  { at, seen }: Extract<Step | UndoingStep, { do: 'clear' }>,
  stores: Stores,
): Promise<void> {
  console.log(`Removing what is left in ${at} …`)
  await removeRows(executeAt(stores, at), companyId, { guards: [guard(companyId, [seen])] })
}

/**
 * Gives up a move that was cut off.
 * @returns what happened, for the operator
 * @throws Error when it has been switched: then it can only be finished
 */
export async function undoMove({ companyId }: Undoing, stores: Stores): Promise<string> {
  for (let undone = false; ; undone = true) {
    const step = nextUndoing(await standingsOf(stores, companyId))
    if (step.do === 'refuse') throw new Error(`Nothing was done: ${step.why}.`)
    if (step.do === 'done')
      return undone
        ? `The move is undone: the company ${companyId} is in ${step.at}.`
        : `The company ${companyId} is in ${step.at}, and not on its way.`
    await takeBack(companyId, step, stores)
  }
}

async function takeBack(companyId: string, step: Doable<UndoingStep>, stores: Stores): Promise<void> {
  const { at, seen } = step
  switch (step.do) {
    case 'turn':
      await stores.execute(turnQueries(companyId, seen, at), at)
      break
    case 'clear':
      await clear(companyId, step, stores)
      break
    case 'recall':
      await stores.execute(forwardQueries(companyId, seen, step.from), at)
      break
    case 'unfreeze':
      await stores.execute(unfreezeQueries(companyId, seen), at)
      break
  }
}

/** Says how much would be moved. */
async function sizeOf(companyId: string, to: Move['to'], stores: Stores): Promise<string> {
  const standings = await standingsOf(stores, companyId)
  const step = nextStep(standings, to, null)
  if (step.do === 'refuse') throw new Error(`It would be refused: ${step.why}.`)
  if (step.do === 'done') return `The company ${companyId} is in ${to} already.`
  const source = homeOf(standings) ?? standings.find(({ place }) => place?.state === 'LEAVING')
  const from = source?.at ?? to
  const execute = executeAt(stores, from)
  const counts = await countRows(execute, companyId)
  const sql = 'SELECT name, stored_bytes AS bytes FROM companies WHERE id = ?1'
  const [[company] = []] = await execute([{ sql, params: [companyId] }])
  const lines = counts.map(
    ({ table, rows }) => `  ${table.padEnd(20)}${rows.toLocaleString('en').padStart(12)}`,
  )
  const all = counts.reduce((sum, { rows }) => sum + rows, 0)
  const mebibytes = (Number(company?.bytes) / 2 ** 20).toFixed(1)
  return `${lines.join('\n')}
The company "${company?.name ?? ''}" would move from ${from} to ${to}: ${count(all, 'row')}, ${mebibytes} MiB. Nothing was done.`
}
