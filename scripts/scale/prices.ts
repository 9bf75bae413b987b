/**
 * Prices and limits of the platform, in USD, of Workers Paid, as its documentation showed them on 26 November 2026. Addresses
 * are in docs/scale.md.
 */

export interface Price {
  /** What is counted: a million of them, or a GB. */
  unit: string
  /** Units that the 5 USD a month include. */
  included: number
  /** USD for each further unit. */
  each: number
}

export const PRICES = {
  requests: { unit: 'million requests', included: 10, each: 0.3 },
  processorTime: { unit: 'million ms of processor time', included: 30, each: 0.02 },
  rowsRead: { unit: 'million rows read', included: 25_000, each: 0.001 },
  rowsWritten: { unit: 'million rows written', included: 50, each: 1 },
  d1Storage: { unit: 'GB in D1', included: 5, each: 0.75 },
  kvReads: { unit: 'million reads of KV', included: 10, each: 0.5 },
  kvWrites: { unit: 'million writes of KV', included: 1, each: 5 },
  queueOperations: { unit: 'million operations of queues', included: 1, each: 0.4 },
  r2Writes: { unit: 'million writes of R2', included: 1, each: 4.5 },
  r2Reads: { unit: 'million reads of R2', included: 10, each: 0.36 },
  r2Storage: { unit: 'GB in R2', included: 10, each: 0.015 },
  logIngestion: { unit: 'GB of log lines', included: 50, each: 0.25 },
  logStorage: { unit: 'GB of log kept', included: 12, each: 0.1 },
} as const satisfies Record<string, Price>

export type Resource = keyof typeof PRICES

/** Units of each resource in a month. */
export type Usage = Record<Resource, number>

export const SUBSCRIPTION = 5

export const LIMITS = {
  bytesPerDatabase: 10e9,
  /** More on request. */
  bytesPerAccount: 1e12,
  bindingsPerWorker: 5_000,
  /** Of D1 in one call of the worker, so also in one run of the cron. */
  queriesPerInvocation: 1_000,
  messagesPerQueueAndSecond: 5_000,
}

export function priceOf({ included, each }: Price, units: number): number {
  return Math.max(0, units - included) * each
}

export interface BillLine {
  unit: string
  units: number
  dollars: number
}

/** What a month costs, line by line, without the subscription. */
export function billOf(usage: Usage): BillLine[] {
  return (Object.keys(PRICES) as Resource[]).map((resource) => ({
    unit: PRICES[resource].unit,
    units: usage[resource],
    dollars: priceOf(PRICES[resource], usage[resource]),
  }))
}

export function totalOf(bill: readonly BillLine[]): number {
  return bill.reduce((sum, { dollars }) => sum + dollars, SUBSCRIPTION)
}
