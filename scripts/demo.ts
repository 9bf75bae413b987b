/** `npm run demo`: the main job from sign-in to workbook, on a throw-away worker of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { tellStory } from './demo/story.ts'
import { freePort } from './local/ports.ts'
import { isShuttingDown, onShutdown, shutDown, shutDownOnSignals } from './local/shutdown.ts'
import { startLocal } from './local/start.ts'
import type { Worker } from './local/worker.ts'

shutDownOnSignals(130)
const stateDir = await mkdtemp(join(tmpdir(), 'action-plans-demo-'))
onShutdown(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5 }))
let worker: Worker | null = null
try {
  console.log('Starting a worker with its own throw-away database, bucket, queue and mailbox …')
  const options = { port: await freePort(), mailboxPort: await freePort(), stateDir, mailApiUrl: null }
  const local = await startLocal(options, { echo: false })
  worker = local.worker
  const mailboxUrl = local.mailboxUrl ?? ''
  console.log(`Worker ${worker.url}, mailbox ${mailboxUrl}`)
  const path = await tellStory(worker.url, mailboxUrl)
  console.log(`\nDone. The workbook is ${relative('.', path)}`)
  await shutDown(0)
} catch (error) {
  // Interrupted calls fail too, and that is no news.
  if (!isShuttingDown()) {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`)
    if (worker) console.error(`\nThe worker's last output:\n${worker.lastLines.join('\n')}`)
  }
  await shutDown(1)
}
