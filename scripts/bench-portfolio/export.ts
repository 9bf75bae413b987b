/** An export of the portfolio through the public door, to the last byte of its files. */
import { setTimeout as sleep } from 'node:timers/promises'
import JSZip from 'jszip'
import { send } from '../bench-lists/measure.ts'
import { PLANS } from '../bench-lists/queries.ts'
import { mailsOf, type Service } from '../killtest/service.ts'
import { Heap } from '../soak/heap.ts'

const LIMIT_MS = 600_000
const SAMPLE_EVERY_MS = 50
const ID = /^[0-9a-f]{24}$/

export interface Exported {
  /** From the request to the mail. */
  seconds: number
  files: number
  megabytes: number
  /** The most that the worker's heap held, garbage included. */
  heapMb: number
  /** The ids in the column of actions, of all files. */
  ids: string[]
}

export async function exported(service: Service, token: string): Promise<Exported> {
  const { url } = service
  const heap = await Heap.open(service.inspectorPort)
  const before = await mailsOf(service)
  const started = Date.now()
  await send({ url: `${url}${PLANS}/excel`, token, method: 'POST', body: {} })
  let peak = 0
  let mails = before
  while (mails.length === before.length) {
    if (Date.now() - started > LIMIT_MS) throw new Error('the export did not end')
    await sleep(SAMPLE_EVERY_MS)
    peak = Math.max(peak, await heap.inUse())
    mails = await mailsOf(service)
  }
  const seconds = (Date.now() - started) / 1000
  heap.close()
  const links = [...(mails[0]?.text ?? '').matchAll(/https?:\/\/\S+\/downloads\/\S+/g)].map(([link]) => link)
  const ids: string[] = []
  let bytes = 0
  for (const link of links) {
    const { pathname, search } = new URL(link)
    const file = await (await fetch(url + pathname + search)).arrayBuffer()
    bytes += file.byteLength
    ids.push(...(await actionIds(file)))
  }
  if ((await mailsOf(service)).length !== before.length + 1) throw new Error('more than one mail')
  return { seconds, files: links.length, megabytes: bytes / 1e6, heapMb: Math.round(peak / 2 ** 20), ids }
}

/** The column of ids of the sheet of actions, the last one, below its header. */
async function actionIds(file: ArrayBuffer): Promise<string[]> {
  const zip = await JSZip.loadAsync(file)
  const read = async (name: string) => (await zip.file(name)?.async('string')) ?? ''
  const strings = [...(await read('xl/sharedStrings.xml')).matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml]) =>
    (xml ?? '').replace(/<[^>]*>/g, ''),
  )
  const sheet = await read('xl/worksheets/sheet3.xml')
  const header = strings.indexOf('Action ID')
  const column = new RegExp(`<c r="([A-Z]+)1"[^>]*><v>${header}</v>`).exec(sheet)?.[1] ?? ''
  const cells = sheet.matchAll(new RegExp(`<c r="${column}\\d+"[^>]*><v>(\\d+)</v>`, 'g'))
  return [...cells].map(([, index]) => strings[Number(index)] ?? '').filter((text) => ID.test(text))
}
