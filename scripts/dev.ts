/** `npm run dev`: the worker and a mailbox on this machine. The environment it reads is in the README. */
import { DEMO_USERS } from './demo-data.ts'
import { type LocalOptions, readLocalOptions } from './local/options.ts'
import { shutDown, shutDownOnSignals } from './local/shutdown.ts'
import { type Local, startLocal } from './local/start.ts'

shutDownOnSignals(0)
try {
  const options = readLocalOptions(process.env)
  console.log('Starting: migrations, demo data, worker …')
  const local = await startLocal(options, { echo: true })
  console.log(describe(local, options))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  await shutDown(1)
}

function describe(
  { worker, mailboxUrl, seeded, sessionToken }: Local,
  { stateDir, mailApiUrl }: LocalOptions,
): string {
  const users = DEMO_USERS.map(
    ({ email, role, company }) => `    ${email.padEnd(18)}${role.padEnd(10)}${company}`,
  )
  const mail = mailboxUrl ?? `none here, mail goes to ${mailApiUrl ?? ''}`
  const curl = `
  Ready to try, signed in as ana@acme.test:
    curl -H 'SessionId: ${sessionToken ?? ''}' ${worker.url}/api/v1/company/action-plans
`
  return `
  API        ${worker.url}
  Reference  ${worker.url}/docs
  Mailbox    ${mail}
  State      ${stateDir}
  Log        ${worker.logFile}

  Demo users${seeded ? ' (just added)' : ''}; codes to sign in arrive in the mailbox:
${users.join('\n')}
${sessionToken === null ? '' : curl}
Ctrl-C stops everything.`
}
