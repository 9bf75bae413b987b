/**
 * What a move has to do next, from what the databases say of the company. Pure. Nothing else tells how far a move has come, so
 * that the same command goes on wherever it was cut off.
 */
import type { PLACE_STATES } from '../../../src/db/enums.ts'
import { type DatabaseName, DIRECTORY } from '../../../src/platform/place.ts'

/** A row of `company_places`, which tells by its time from another one of the same kind. */
export interface Place {
  state: (typeof PLACE_STATES)[number]
  /** The other database. */
  database: DatabaseName
  /** Unix milliseconds. */
  since: number
}

/** What one database has of the company. */
export interface Standing {
  at: DatabaseName
  /** The company's own row, which comes first and goes last. */
  hasCompany: boolean
  place: Place | null
}

/** A place that is to be changed, as it was when that was decided. */
interface Seen {
  at: DatabaseName
  seen: Place | null
}

/** `from` and `to` are the ends of the move. */
export type Step =
  /** Remove what a former move has left. */
  | ({ do: 'clear' } & Seen)
  /** Have all writes at the source wait. */
  | ({ do: 'freeze'; to: DatabaseName } & Seen)
  /** Keep the target from answering for the company while it is incomplete. */
  | ({ do: 'announce'; from: DatabaseName } & Seen)
  /** Copy and compare. `seen` is the target's. */
  | ({ do: 'copy'; from: DatabaseName; mark: string } & Seen)
  /** Forward from the source: the move can be undone no more. */
  | ({ do: 'switch'; to: DatabaseName } & Seen)
  /** Have the target answer for the company. */
  | ({ do: 'open' } & Seen)
  /** Have a database say where the company is: `DB`, which has the directory, or one that forwards to where it was before. */
  | ({ do: 'direct'; to: DatabaseName } & Seen)
  | Done
  | Refusal

export type UndoingStep =
  /** Keep the move from going on, also one that another process carries out: the source goes to itself. */
  | ({ do: 'turn' } & Seen)
  | ({ do: 'clear' } & Seen)
  /** Have the target forward to the source. */
  | ({ do: 'recall'; from: DatabaseName } & Seen)
  /** Let writes at the source go on. */
  | ({ do: 'unfreeze' } & Seen)
  | Done
  | Refusal

interface Done {
  do: 'done'
  at: DatabaseName
}

interface Refusal {
  do: 'refuse'
  why: string
}

const refuse = (why: string): Refusal => ({ do: 'refuse', why })
const on = ({ at, place }: Standing): Seen => ({ at, seen: place })

/** Where the company's data are, complete: not yet or no more on the way. Null if it is nowhere. */
export function homeOf(standings: readonly Standing[]): Standing | null {
  return standings.find(({ hasCompany, place }) => hasCompany && place === null) ?? null
}

/** Why nothing may be done while two databases have the company; null if there are no two. */
export function doubtOf(standings: readonly Standing[]): string | null {
  const switched = switchedOf(standings)
  const complete = standings.filter(
    (each) => each === switched || (each.hasCompany && (each.place?.state ?? 'LEAVING') === 'LEAVING'),
  )
  const names = complete.map(({ at }) => at)
  return names.length > 1
    ? `it is in ${names.join(' and in ')}, as after a restore (docs/decisions/many-databases.md)`
    : null
}

/** The end that a move leaves; of a move that is being undone, it goes to itself. */
function leavingOf(standings: readonly Standing[]): (Standing & { place: Place }) | null {
  for (const standing of standings) {
    const { hasCompany, place } = standing
    if (hasCompany && place?.state === 'LEAVING') return { ...standing, place }
  }
  return null
}

/** The target of a move that has been switched and is not open. */
function switchedOf(standings: readonly Standing[]): Standing | null {
  const isSwitched = ({ at, hasCompany, place }: Standing) => {
    const source = standings.find((each) => each.at === place?.database)?.place
    return (
      hasCompany && place?.state === 'ARRIVING' && source?.state === 'ELSEWHERE' && source.database === at
    )
  }
  return standings.find(isSwitched) ?? null
}

/** The target of a move from there that is not switched. */
function arrivingFrom(standings: readonly Standing[], from: DatabaseName): Standing | null {
  return standings.find(({ place }) => place?.state === 'ARRIVING' && place.database === from) ?? null
}

/** @param copied the `mark` of the move that this process has copied and compared; null if of none */
export function nextStep(standings: readonly Standing[], to: DatabaseName, copied: string | null): Step {
  const target = standings.find(({ at }) => at === to)
  if (!target) return refuse(`no database is bound as ${to}`)
  const doubt = doubtOf(standings)
  if (doubt !== null) return refuse(doubt)
  const switched = switchedOf(standings)
  if (switched) {
    return switched.at === to
      ? { do: 'open', ...on(switched) }
      : refuse(`it has gone to ${switched.at}: finish that move with --to ${switched.at} first`)
  }
  const leaving = leavingOf(standings)
  if (leaving) return onTheWay(leaving, target, copied)
  const home = homeOf(standings)
  if (!home) return refuse('there is no such company')
  return home === target ? finishing(standings, to) : beginning(standings, home, target)
}

function onTheWay(source: Standing & { place: Place }, target: Standing, copied: string | null): Step {
  const from = source.at
  const { database: goesTo } = source.place
  if (goesTo === from) return refuse('its move is being undone: run the command with --undo again')
  if (goesTo !== target.at) return refuse(`it is on its way to ${goesTo}: finish that move, or undo it`)
  if (target.place?.state !== 'ARRIVING') {
    return target.hasCompany ? { do: 'clear', ...on(target) } : { do: 'announce', from, ...on(target) }
  }
  const mark = `${source.place.since}/${target.place.since}`
  return mark === copied
    ? { do: 'switch', to: target.at, ...on(source) }
    : { do: 'copy', from, mark, ...on(target) }
}

function beginning(standings: readonly Standing[], home: Standing, target: Standing): Step {
  // What two commands at once may leave.
  const announced = arrivingFrom(standings, home.at)
  if (announced) return refuse(`a move to ${announced.at} was begun: undo it first`)
  // Before the freeze, so that nobody waits for it.
  return target.hasCompany ? { do: 'clear', ...on(target) } : { do: 'freeze', to: target.at, ...on(home) }
}

/** The company is where it is to be. The others are to say so, and what is left there is to be removed. */
function finishing(standings: readonly Standing[], to: DatabaseName): Step {
  const others = standings.filter(({ at }) => at !== to)
  const astray = others.find(({ at, place }) => (place === null ? at === DIRECTORY : place.database !== to))
  if (astray) return { do: 'direct', to, ...on(astray) }
  const left = others.find(({ hasCompany, place }) => hasCompany && place?.state === 'ELSEWHERE')
  return left ? { do: 'clear', ...on(left) } : { do: 'done', at: to }
}

/** Nothing at the target is touched before the source has turned, so that no switch comes in between. */
export function nextUndoing(standings: readonly Standing[]): UndoingStep {
  const doubt = doubtOf(standings)
  if (doubt !== null) return refuse(doubt)
  const switched = switchedOf(standings)
  if (switched) return refuse(`it has gone to ${switched.at} for good: finish that move, and move it back`)
  const source = leavingOf(standings) ?? homeOf(standings)
  if (!source) return refuse('there is no such company')
  const target = arrivingFrom(standings, source.at)
  if (source.place?.database !== source.at) {
    return source.place || target ? { do: 'turn', ...on(source) } : { do: 'done', at: source.at }
  }
  if (!target) return { do: 'unfreeze', ...on(source) }
  return target.hasCompany ? { do: 'clear', ...on(target) } : { do: 'recall', from: source.at, ...on(target) }
}
