import { expect, it } from 'vitest'
import template from '../../../src/exports/workbook/template.xlsx'
import { readParts, readWithExceljs } from './read-back.ts'

// What a designer may change freely is not tested; what the builder relies on is.

const bytes = new Uint8Array(template)

it('tells nothing of who made it', async () => {
  const parts = await readParts(bytes)
  expect(parts.get('docProps/core.xml')).not.toMatch(/lastModifiedBy>[^<]|<dc:creator>(?!Action Plans)[^<]/)
  for (const [name, xml] of parts) expect(xml, name).not.toMatch(/absPath|\\Users\\|\/home\/|file:\/\//)
})

it('has a Summary and an Action sheet, the latter without pictures, which could not be copied', async () => {
  const workbook = await readWithExceljs(bytes)
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Summary', 'Action'])
  const parts = await readParts(bytes)
  expect(parts.get('xl/worksheets/sheet2.xml')).not.toMatch(/<drawing |<legacyDrawing |<tablePart /)
})

it('awaits every value that the workbook must show', async () => {
  const strings = (await readParts(bytes)).get('xl/sharedStrings.xml') ?? ''
  const table = [
    'number',
    'title',
    'type',
    'status',
    'completion',
    'assignees',
    'areas',
    'focus',
    'due',
    'started',
  ]
  for (const field of [...table, 'finished', 'notes', 'overdue', 'volume']) {
    expect(strings).toContain(`{{action.${field}}}`)
    expect(strings).toContain(`{{elsewhere.${field}}}`)
  }
  const block = [
    'planTitle',
    'planDescription',
    'completion',
    'overdueCount',
    'visibility',
    'planCreator',
    'planCreated',
  ]
  for (const field of [...block, 'exportedAt', 'exportedBy', 'contents', 'noActions.text'])
    expect(strings).toContain(`{{${field}}}`)
  const sheet = ['title', 'description', 'origin', 'creator', 'created', 'updated', 'kicker', 'noNotes.text']
  for (const field of [
    ...sheet,
    'assignee.name',
    'assignee.status',
    'assignee.account',
    'note.when',
    'note.author',
  ])
    expect(strings).toContain(`{{${field}}}`)
})
