/** What requests cost D1, read from the tables of test/bench/RESULTS.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const RESULTS = join(import.meta.dirname, '../../test/bench/RESULTS.md')

/** Sizes of the companies that were measured, in actions. */
export const SIZES = [1_000, 10_000, 100_000] as const

export interface Cost {
  rowsRead: number
  rowsWritten: number
  milliseconds: number
}

/** The same request in companies of the sizes that were measured. */
export type CostBySize = readonly [Cost, Cost, Cost]

export interface Measured {
  /** Lists, by the name of their query. */
  lists: ReadonlyMap<string, CostBySize>
  /** Writes in a company of 100,000 actions, by name. */
  writes: ReadonlyMap<string, Cost>
  overview: CostBySize
  /** The batch that takes the copy for an export of all plans. */
  freeze: CostBySize
}

/** D1 reports whole milliseconds, so that nothing below half a millisecond can be told from nothing. */
const SHORTEST = 0.5

/** What stands above that table. */
const FREEZES = 'The export, each action found in exactly one file:'

export function readMeasured(text = readFileSync(RESULTS, 'utf8')): Measured {
  const lists = SIZES.map((size) =>
    tableUnder(text, `## ${size.toLocaleString('en')} actions`, 'rows read', 'D1 ms'),
  )
  const writes = tableUnder(text, '# Writes', 'rows read', 'D1 ms', 'rows written')
  const overviews = tableUnder(text, '# Portfolio', 'rows read', 'D1 ms')
  const freezes = tableUnder(text, FREEZES, 'rows read', 'in D1 s', 'rows written')
  return {
    lists: new Map(
      [...need(lists, 0).keys()].map((name) => [name, bySize((at) => find(need(lists, at), name))]),
    ),
    writes,
    overview: bySize((at) => find(overviews, String(SIZES[at]))),
    freeze: bySize((at) => find(freezes, String(SIZES[at]))),
  }
}

function bySize(costAt: (index: number) => Cost): CostBySize {
  return [costAt(0), costAt(1), costAt(2)]
}

/** The rows of the first table below a heading, by the text of their first column. */
function tableUnder(
  text: string,
  heading: string,
  read: string,
  time: string,
  written?: string,
): Map<string, Cost> {
  const start = text.indexOf(`${heading}\n`)
  if (start < 0) throw new Error(`${RESULTS} has no "${heading}"`)
  const lines = text.slice(start).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  const [head = [], , ...rows] = lines.slice(first, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const number = (row: readonly string[], column: string) => {
    const value = Number(row[head.indexOf(column)])
    if (Number.isNaN(value)) throw new Error(`${RESULTS} has no number for ${column} of ${row[0] ?? 'a row'}`)
    return value
  }
  return new Map(
    rows.map((row) => [
      row[0] ?? '',
      {
        rowsRead: number(row, read),
        rowsWritten: written === undefined ? 0 : number(row, written),
        milliseconds: Math.max(SHORTEST, number(row, time) * (time.endsWith(' s') ? 1_000 : 1)),
      },
    ]),
  )
}

export function find<Value>(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`"${name}" was not measured`)
  return value
}

export function need<Value>(values: readonly Value[], index: number): Value {
  const value = values[index]
  if (value === undefined) throw new Error(`There is no item ${index} of ${values.length}`)
  return value
}

/** The cost in a company of any size: between two measured sizes on a line over the logarithm, outside as at the nearest. */
export function costAt(costs: CostBySize, actions: number): Cost {
  const place = Math.min(2, Math.max(0, Math.log10(Math.max(1, actions)) - 3))
  const lower = Math.min(1, Math.floor(place))
  const part = place - lower
  const [low, high] = [need(costs, lower), need(costs, lower + 1)]
  const between = (member: keyof Cost) => low[member] + (high[member] - low[member]) * part
  return {
    rowsRead: between('rowsRead'),
    rowsWritten: between('rowsWritten'),
    milliseconds: between('milliseconds'),
  }
}

export function meanOf(costs: readonly Cost[]): Cost {
  const mean = (member: keyof Cost) => costs.reduce((sum, cost) => sum + cost[member], 0) / costs.length
  return { rowsRead: mean('rowsRead'), rowsWritten: mean('rowsWritten'), milliseconds: mean('milliseconds') }
}
