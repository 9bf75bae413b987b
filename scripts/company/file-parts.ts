/** Reads a file to import in parts of some thousand actions: NDJSON line by line, a workbook at once. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { FileDraft, ImportError, PlanDraft } from '../../src/imports/drafts.ts'
import { readLine } from '../../src/imports/ndjson.ts'
import { readWorkbook } from '../../src/imports/sheet.ts'
import type { Bounds } from '../../src/imports/workbook/refusal.ts'

const GIB = 1024 ** 3
/** As much as a sheet of Excel can hold. */
const BOUNDS: Bounds = { inflated: 4 * GIB, rows: 1_048_576, cells: 30_000_000, characters: GIB }
const STRICT = { isLenient: false }

/** @param size about how many actions a part has: plans stay whole */
export async function* partsOf(file: string, size: number): AsyncGenerator<FileDraft> {
  if (/\.xlsx$/i.test(file)) {
    const { plans, errors, ...rest } = await readWorkbook(await readFile(file), BOUNDS, STRICT)
    let left = errors
    for (const part of inParts(plans, size)) {
      yield { ...rest, plans: part, errors: left }
      left = []
    }
    if (left.length > 0) yield { ...rest, plans: [], errors: left }
    return
  }
  let number = 0
  let plans: PlanDraft[] = []
  let errors: ImportError[] = []
  let weight = 0
  const part = () => ({ plans, errors, showsEffectiveVisibility: false })
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1
    if (text.trim() === '') continue
    const line = readLine({ line: number, text }, STRICT)
    errors.push(...line.errors)
    if (line.plan !== null) plans.push(line.plan)
    weight += 1 + (line.plan?.actions.length ?? 0)
    if (weight < size) continue
    yield part()
    plans = []
    errors = []
    weight = 0
  }
  if (weight > 0) yield part()
}

function* inParts(plans: readonly PlanDraft[], size: number): Generator<PlanDraft[]> {
  let part: PlanDraft[] = []
  let weight = 0
  for (const plan of plans) {
    part.push(plan)
    weight += 1 + plan.actions.length
    if (weight < size) continue
    yield part
    part = []
    weight = 0
  }
  if (part.length > 0) yield part
}
