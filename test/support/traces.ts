/** Where words are found in all that is stored: every column of D1, keys, values and metadata of KV, objects of R2. */
import JSZip from 'jszip'
import { env } from 'cloudflare:workers'
import { dumpDatabase } from './dump.ts'

/** The places, each with the words that are found there; upper and lower case are the same. */
export async function tracesOf(words: readonly string[]): Promise<string[]> {
  const sought = words.map((word) => word.toLowerCase())
  const found = (place: string, text: string) => {
    const folded = text.toLowerCase()
    return sought.filter((word) => folded.includes(word)).map((word) => `${place}: ${word}`)
  }
  const tables = Object.entries(await dumpDatabase())
  return [
    ...tables.flatMap(([table, rows]) => rows.flatMap((row) => found(table, row))),
    ...(await entriesOf(env.SESSIONS)).flatMap((entry) => found('KV', entry)),
    ...(await objectsIn(env.FILES)).flatMap((object) => found('R2', object)),
  ]
}

async function entriesOf(kv: KVNamespace): Promise<string[]> {
  const entries: string[] = []
  let cursor: string | undefined
  do {
    const listed = await kv.list(cursor === undefined ? {} : { cursor })
    for (const key of listed.keys) entries.push(JSON.stringify([key, await kv.get(key.name)]))
    cursor = listed.list_complete ? undefined : listed.cursor
  } while (cursor !== undefined)
  return entries
}

/** Each object with what is stored about it; of a workbook, the texts of all its parts. */
async function objectsIn(bucket: R2Bucket): Promise<string[]> {
  const { objects } = await bucket.list({ include: ['customMetadata', 'httpMetadata'] })
  return Promise.all(
    objects.map(async ({ key, customMetadata, httpMetadata }) => {
      const bytes = (await (await bucket.get(key))?.arrayBuffer()) ?? new ArrayBuffer(0)
      return JSON.stringify([key, customMetadata, httpMetadata, ...(await textsIn(bytes))])
    }),
  )
}

async function textsIn(bytes: ArrayBuffer): Promise<string[]> {
  const isZip = new TextDecoder().decode(bytes.slice(0, 2)) === 'PK'
  if (!isZip) return [new TextDecoder().decode(bytes)]
  const { files } = await JSZip.loadAsync(bytes)
  return Promise.all(Object.values(files).map((file) => file.async('string')))
}
