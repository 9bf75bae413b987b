/** `npm run dev`: the worker and a mailbox on this machine. The environment it reads is in the README. */
import { DEMO_USERS } from './demo-data.ts'
import { type LocalOptions, readLocalOptions } from './local/options.ts'
import { exitOnSignals } from './local/shutdown.ts'
import { type Local, startLocal } from './local/start.ts'

exitOnSignals(0)
try {
  const options = readLocalOptions(process.env)
  console.log('Starting: migrations, demo data, worker …')
  const local = await startLocal(options, { echo: true })
  console.log(describe(local, options))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function describe(
  { worker, mailboxUrl, seeded, users, session }: Local,
  { stateDir, mailApiUrl }: LocalOptions,
): string {
  const lines = users.map(({ email, role, company }) => `    ${email.padEnd(18)}${role.padEnd(10)}${company}`)
  const who = users.some(({ email }) => isDemoUser(email)) ? 'Demo users' : 'Users'
  const mail = mailboxUrl ?? `none here, mail goes to ${mailApiUrl ?? ''}`
  const curl =
    session &&
    `
  Ready to try, signed in as ${session.email}:
    curl -H 'SessionId: ${session.token}' ${worker.url}/api/v1/company/action-plans
  For the walk-through of /docs.md and the client in examples/typescript:
    export API=${worker.url}${mailboxUrl === null ? '' : ` MAILBOX=${mailboxUrl}`}
`
  return `
  API        ${worker.url}
  Reference  ${worker.url}/docs
  Mailbox    ${mail}${mailboxUrl === null ? '' : `, which receives webhooks at ${mailboxUrl}/webhooks`}
  State      ${stateDir}
  Log        ${worker.logFile}

  ${who}${seeded ? ' (just added)' : ''}; codes to sign in arrive ${mailboxUrl === null ? 'by mail' : 'in the mailbox'}:
${lines.join('\n')}
${curl ?? ''}
Ctrl-C stops everything.`
}

function isDemoUser(email: string): boolean {
  return DEMO_USERS.some((user) => user.email === email)
}
