/** Reads a file to import in parts of some thousand actions: NDJSON line by line, a workbook at once. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { errorsOfFile, type FileDraft, type PlanDraft } from '../../src/imports/drafts.ts'
import { readLine } from '../../src/imports/ndjson.ts'
import { readWorkbook } from '../../src/imports/sheet.ts'
import type { Bounds } from '../../src/imports/workbook/refusal.ts'

const GIB = 1024 ** 3
/** As much as a sheet of Excel can hold. */
const BOUNDS: Bounds = {
  ...{ inflated: 4 * GIB, rows: 1_048_576, cells: 30_000_000, characters: GIB },
  advice: 'Import it in several files.',
}
const STRICT = { isLenient: false }

/** @param size about how many actions a part has: plans stay whole */
export async function* partsOf(file: string, size: number): AsyncGenerator<FileDraft> {
  if (/\.xlsx$/i.test(file)) {
    const { plans, homeless, errors, ...rest } = await readWorkbook(await readFile(file), BOUNDS, STRICT)
    // What belongs to no plan comes with the first part.
    yield { ...rest, plans: [], homeless, errors }
    for (const part of inParts(plans, size)) yield { ...rest, ...nothingElse(), plans: part }
    return
  }
  let number = 0
  let part: FileDraft & { plans: PlanDraft[] } = {
    ...nothingElse(),
    plans: [],
    showsEffectiveVisibility: false,
  }
  let weight = 0
  for await (const text of linesIn(file)) {
    number += 1
    if (text.trim() === '') continue
    const line = readLine({ line: number, text }, STRICT)
    part.errors.add(...line.errors)
    if (line.plan !== null) part.plans.push(line.plan)
    weight += 1 + (line.plan?.actions.length ?? 0)
    if (weight < size) continue
    yield part
    part = { ...nothingElse(), plans: [], showsEffectiveVisibility: false }
    weight = 0
  }
  if (weight > 0) yield part
}

const nothingElse = () => ({ homeless: [], errors: errorsOfFile() })

/** The lines of a file. Unlike those of readline, they end at line feeds alone, since JSON may hold U+2028. */
async function* linesIn(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw new Error('The file is not UTF-8.')
    }
  }
  let rest = ''
  // Without an encoding, the stream gives bytes.
  for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
    const lines = (rest + decode(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  yield rest + decode()
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
