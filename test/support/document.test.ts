import { describe, expect, it } from 'vitest'
import { exampleCompany } from '../../src/people/examples.ts'
import { PROBLEMS } from '../../src/platform/problem.ts'
import { COMPANY, PLANS } from './api.ts'
import { complaintAbout, type Given } from './document.ts'

const JSON_TYPE = 'application/json'
const good: Given = {
  method: 'GET',
  path: COMPANY,
  status: 200,
  mediaType: JSON_TYPE,
  text: JSON.stringify(exampleCompany),
}
const problem = (status: number, body: object): Partial<Given> => ({
  status,
  mediaType: 'application/problem+json',
  text: JSON.stringify({ type: 'urn:x', title: 'x', status, detail: 'x', requestId: 'x', ...body }),
})

describe('an answer is as the document describes it', () => {
  it.each<[string, Partial<Given>]>([
    ['as the example', {}],
    ['with a new member', { text: JSON.stringify({ ...exampleCompany, later: 1 }) }],
    ['of a described problem', problem(403, { code: 'FORBIDDEN' })],
    ['at a path that is not there', { path: '/nowhere', ...problem(404, { code: 'NOT_FOUND' }) }],
    ['to a method that is not there', { method: 'PUT', ...problem(405, { code: 'METHOD_NOT_ALLOWED' }) }],
    ['to HEAD', { method: 'HEAD', text: '' }],
  ])('%s', (_, given) => {
    expect(complaintAbout({ ...good, ...given })).toBeNull()
  })

  it.each<[string, Partial<Given>]>([
    ['of a status that is not described', problem(418, { code: 'FORBIDDEN' })],
    ['of another media type', { mediaType: 'text/html' }],
    ['without a required member', { text: JSON.stringify({ ...exampleCompany, timeZone: undefined }) }],
    ['with a member of another type', { text: JSON.stringify({ ...exampleCompany, name: 7 }) }],
    ['deep in a list', { path: PLANS, text: '{"from":0,"to":1,"total":1,"result":[{"id":"x"}]}' }],
    ['of a problem without a known code', problem(403, { code: 'SOMETHING' })],
    ['of success at a path that is not there', { path: '/nowhere' }],
    ['of success to a method that is not there', { method: 'PUT' }],
    [
      'with a body where there is none',
      { method: 'DELETE', path: `${PLANS}/${'0'.repeat(24)}`, status: 204 },
    ],
  ])('but not %s', (_, given) => {
    expect(complaintAbout({ ...good, ...given })).not.toBeNull()
  })

  it('knows the code of every problem', () => {
    for (const code of Object.keys(PROBLEMS))
      expect(complaintAbout({ ...good, ...problem(403, { code }) }), code).toBeNull()
  })
})
