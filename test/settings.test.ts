import { beforeEach, describe, expect, it } from 'vitest'
import { call, type Reply } from './support/api.ts'
import { lineOf, logged } from './support/log.ts'

describe('a deployment with a variable that is wrong', () => {
  let reply: Reply
  let requestId: string | null

  beforeEach(async () => {
    reply = await call(null, 'GET', '/healthz', { vars: { RATE_LIMITS: 'bogus' } })
    requestId = reply.headers.get('X-Request-Id')
  })

  it('answers in the form of a problem that does not name the variable', () => {
    expect([reply.status, reply.body.code]).toEqual([500, 'INTERNAL'])
    expect(reply.text).not.toContain('RATE_LIMITS')
    expect(reply.body.requestId).toBe(requestId)
  })

  it('answers with the headers that every answer has', () => {
    expect(reply.headers.get('Cache-Control')).toBe('no-store, no-transform')
    expect(reply.headers.get('X-Content-Type-Options')).toBe('nosniff')
  })

  it('names the variable in its log', () => {
    expect(lineOf(requestId)).toMatchObject({ status: 500 })
    expect(logged.at(-2)).toContain('Settings missing or not valid: RATE_LIMITS')
  })
})
