/** What a month of a scenario uses of everything that is billed. */
import { type Company, grown } from './companies.ts'
import type { Usage } from './prices.ts'
import { type Kind, type MeanRequest, shareOf } from './requests.ts'
import type { Scenario } from './scenario.ts'

/** All that a light request takes on the bench's machine, so more than its processor time. */
const PROCESSOR_MILLISECONDS = 6
/** Guesses: our line and the platform's, of about half a KB and one and a half. */
const LOG_BYTES_A_REQUEST = 2_000
const LOG_DAYS = 7
const MILLION = 1e6
const GIGABYTE = 1e9
const OPERATIONS_A_MESSAGE = 3
/** Guesses: of each person who has work, in a month; an exported plan has 60 KB. */
const REMINDERS_A_PERSON = 2
const BYTES_A_FILE = 60_000
const FILE_DAYS = 7
const SWEEPS_A_MONTH = 43_830

interface Facts {
  scenario: Scenario
  population: readonly Company[]
  kinds: readonly Kind[]
  mean: (actions: number) => MeanRequest
  requestsPerMonth: number
  /** In all databases. */
  bytes: number
  databases: number
}

export function usageOf(facts: Facts): Usage {
  const { scenario, population, kinds, mean, requestsPerMonth, bytes, databases } = facts
  const monthly = (name: string) => shareOf(kinds, name) * requestsPerMonth
  const people = scenario.companies * scenario.peoplePerCompany
  const [signIns, exports] = [monthly('sign-in') / 2, monthly('export of a plan')]
  // With several databases the sweep of each is a message.
  const sweeps = databases > 1 ? SWEEPS_A_MONTH * databases : 0
  const messages = signIns + exports + people * REMINDERS_A_PERSON + sweeps
  const perRequest = overCompanies(population, scenario.months - 1, mean)
  const logBytes = requestsPerMonth * LOG_BYTES_A_REQUEST
  return {
    requests: (requestsPerMonth + messages + SWEEPS_A_MONTH) / MILLION,
    processorTime: (requestsPerMonth * PROCESSOR_MILLISECONDS) / MILLION,
    rowsRead: (requestsPerMonth * perRequest.rowsRead) / MILLION,
    rowsWritten: (requestsPerMonth * perRequest.rowsWritten) / MILLION,
    d1Storage: bytes / GIGABYTE,
    kvReads: (requestsPerMonth - monthly('sign-in') - monthly('calendar')) / MILLION,
    kvWrites: signIns / MILLION,
    queueOperations: (messages * OPERATIONS_A_MESSAGE) / MILLION,
    r2Writes: (exports + SWEEPS_A_MONTH) / MILLION,
    r2Reads: exports / MILLION,
    r2Storage: (exports * BYTES_A_FILE * (FILE_DAYS / 30)) / GIGABYTE,
    logIngestion: logBytes / GIGABYTE,
    logStorage: (logBytes * (LOG_DAYS / 30)) / GIGABYTE,
  }
}

/** The mean request over all companies: each makes requests in proportion to its actions. */
export function overCompanies(
  population: readonly Company[],
  month: number,
  mean: (actions: number) => MeanRequest,
): MeanRequest {
  const sum = { rowsRead: 0, rowsWritten: 0, milliseconds: 0, squaredMilliseconds: 0 }
  let all = 0
  for (const { actions, joins } of population) {
    const size = actions * grown(month - joins)
    const each = mean(size)
    all += size
    for (const member of Object.keys(sum) as (keyof MeanRequest)[]) sum[member] += size * each[member]
  }
  for (const member of Object.keys(sum) as (keyof MeanRequest)[]) sum[member] /= all
  return sum
}
