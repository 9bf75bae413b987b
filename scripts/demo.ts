/** `npm run demo`: the main job from sign-in to workbook, on a throw-away worker of its own. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { tellStory } from './demo/story.ts'
import { freePort } from './local/ports.ts'
import { exitOnSignals } from './local/shutdown.ts'
import { startLocal } from './local/start.ts'
import type { Worker } from './local/worker.ts'

exitOnSignals(130)
const stateDir = await mkdtemp(join(tmpdir(), 'action-plans-demo-'))
process.on('exit', () => {
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 })
})
let worker: Worker | null = null
try {
  console.log('Starting a worker with its own throw-away database, bucket, queue and mailbox …')
  const ports = { port: await freePort(), mailboxPort: await freePort(), inspectorPort: 0 }
  const local = await startLocal({ ...ports, stateDir, mailApiUrl: null }, { echo: false })
  worker = local.worker
  const mailboxUrl = local.mailboxUrl ?? ''
  console.log(`Worker ${worker.url}, mailbox ${mailboxUrl}`)
  const path = await tellStory(worker.url, mailboxUrl)
  console.log(`\nDone. The workbook is ${relative('.', path)}`)
  process.exit(0)
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`)
  if (worker) console.error(`\nThe worker's last output:\n${worker.lastLines.join('\n')}`)
  process.exit(1)
}
