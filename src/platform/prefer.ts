/** Preferences of a request (RFC 7240), and the answer that says which were honoured. */
import type { Answer } from './answer.ts'

/** A longer Prefer header is ignored, as preferences may be, so that a hostile one costs little. */
const LONGEST_HEADER = 1000

/** A quoted string, a comma, or what stands between; a quote that is never closed stands for itself. */
const PARTS = /"(?:[^"\\]|\\.)*"|,|[^",]+|"/g

// A token, perhaps `=` and a token or quoted string, then the end or parameters, which no preference here has.
const PREFERENCE =
  /^[ \t]*([\w!#$%&'*+.^`|~-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]*)))?[ \t]*(?:;|$)/

/**
 * The preferences of a Prefer header by lower-cased name, each with its value or ''. Several header lines are one list; of
 * a preference that is named twice the first counts, and what is malformed is left out.
 */
export function preferencesIn(header: string | null): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>()
  if (header === null || header.length > LONGEST_HEADER) return preferences
  const elements = ['']
  for (const [part] of header.matchAll(PARTS)) {
    if (part === ',') elements.push('')
    else elements.push((elements.pop() ?? '') + part)
  }
  for (const element of elements) {
    const [, name, quoted, token = ''] = PREFERENCE.exec(element) ?? []
    const key = name?.toLowerCase()
    if (key === undefined || preferences.has(key)) continue
    preferences.set(key, quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1'))
  }
  return preferences
}

/** The preferences that the service honours, as `Preference-Applied` names them. */
export type Preference = 'handling=lenient' | 'return=representation'

/** Whether the request states the preference. */
export function prefers(request: Request, preference: Preference): boolean {
  const [name = '', value] = preference.split('=')
  return preferencesIn(request.headers.get('Prefer')).get(name)?.toLowerCase() === value
}

const APPLIED = 'Preference-Applied'

/** The answer, if it is a 2xx, with the preference among those that were honoured. */
export function applied(answer: Answer, preference: Preference): Answer {
  if (answer.status < 200 || answer.status > 299) return answer
  const { [APPLIED]: others, ...headers } = answer.headers
  return {
    ...answer,
    headers: { ...headers, [APPLIED]: others === undefined ? preference : `${others}, ${preference}` },
  }
}
