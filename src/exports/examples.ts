/** Examples for the reference: the export of the demo data (platform/demo.ts). */
import type * as z from 'zod'
import type { FilterBody } from '../actions/schemas.ts'
import { DEMO, DEMO_LINK } from '../platform/demo.ts'
import type { ExportView, linksSchema } from './schemas.ts'

export const exampleExport: ExportView = {
  id: DEMO.export,
  kind: 'PLAN',
  planId: DEMO.plan,
  planTitle: 'A better first ninety days',
  status: 'SENT',
  progress: { done: 5, total: 5 },
  files: [
    {
      name: DEMO_LINK.file,
      bytes: 48_213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
  attempts: 1,
  requestedAt: '2026-09-28T09:00:00.000Z',
  finishedAt: '2026-09-28T09:00:01.204Z',
  expiresAt: '2026-10-05T09:00:01.000Z',
  failure: null,
}

export const examplePortfolioFilter: FilterBody = { status: 'IN_PROGRESS', hierarchyId: DEMO.wholeCompany }

export const examplePortfolioExport: ExportView = {
  ...exampleExport,
  id: '6ac9f0a41d7e8b2c5f3906da',
  kind: 'PORTFOLIO',
  planId: null,
  planTitle: null,
  status: 'QUEUED',
  progress: { done: 0, total: 0 },
  files: [],
  attempts: 0,
  requestedAt: '2026-10-10T08:33:08.000Z',
  finishedAt: null,
  expiresAt: null,
}

const { file, expires, kid, signature } = DEMO_LINK

export const exampleLinks: z.infer<typeof linksSchema> = {
  links: [
    {
      name: file,
      url: `https://plans.example.com/api/v1/downloads/${DEMO.export}/${file}?expires=${expires}&kid=${kid}&signature=${signature}`,
      expiresAt: '2100-01-01T00:00:00.000Z',
    },
  ],
}
