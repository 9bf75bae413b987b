/** Nine reads to a write, as eight people send them who work with lists. */
import { alternate, type Request } from './measure.ts'
import { queriesOf } from './queries.ts'
import { progress, type Seeded, type Setting } from './setting.ts'

const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'

/** Three of ten are a default list, one is a plan, five are filters and searches in turn, and one is a write. */
export function nextOf({ url }: Pick<Setting, 'url'>, company: Seeded): () => Request {
  const filtered = queriesOf(company).filter(({ path }) => path.includes('='))
  const { token } = company
  let turn = 0
  const reads = [ACTIONS, PLANS, ACTIONS, `${PLANS}/${company.planId}`]
  return () => {
    const place = turn % 10
    const round = Math.floor(turn / 10)
    turn += 1
    if (place < reads.length) return { url: url + (reads[place] ?? ''), token }
    if (place < 9) {
      const query = filtered[(round * 5 + place) % filtered.length]
      return { url: url + (query?.path ?? ''), token }
    }
    const body = { planId: company.planId, title: 'Weekly talk', assigneeIds: [company.managerId] }
    return { url: url + ACTIONS, token, method: 'POST', body }
  }
}

export async function mixedLoad(setting: Setting, company: Seeded, seconds: number): Promise<string> {
  progress(`${company.actions} actions: mixed load`)
  const { mixed } = await alternate({ mixed: nextOf(setting, company) }, 8, seconds)
  const [p50, p99] = [mixed.p50.toFixed(0), mixed.p99.toFixed(0)]
  return `Mixed load (30 % default lists, 10 % a plan, 50 % filters and searches, 10 % new actions) by 8 connections:
${mixed.rate.toFixed(0)} requests a second, p50 ${p50} ms, p99 ${p99} ms.`
}
