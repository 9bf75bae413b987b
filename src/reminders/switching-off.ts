/** Switching reminders off by the signed address in each of them, which needs no session. */
import { CompanyMoving } from '../directory/staying-store.ts'
import { findAnywhere } from '../directory/homes.ts'
import { sha256Hex } from '../platform/hash.ts'
import { preferredLocale } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import type { RequestFacts } from '../platform/request.ts'
import { acceptsPage, asPrivate, linkOf } from '../platform/signed-link.ts'
import { checkSwitchOff, type SwitchOffTarget } from './links.ts'
import { switchOffPage } from './pages.ts'
import { switchRemindersOff } from './switch-off-store.ts'

const targets = new WeakMap<Request, Promise<SwitchOffTarget | null>>()

/** Whose reminders the request is about, checked once for the rate limit and the handler. */
function targetOf({ raw, settings }: RequestFacts): Promise<SwitchOffTarget | null> {
  const target = targets.get(raw) ?? checkSwitchOff(linkOf(raw), settings.DERIVED_KEYS_SECRET)
  targets.set(raw, target)
  return target
}

/** A genuine address is limited by itself, since mail providers call for many people. */
export async function tokenOfSwitchOff(facts: RequestFacts): Promise<string | null> {
  return (await targetOf(facts)) ? sha256Hex(linkOf(facts.raw)) : null
}

/** The page that asks. It changes nothing, so that whoever looks at links in mails does no harm. */
export async function askToSwitchOff(facts: RequestFacts): Promise<Response> {
  if (!(await targetOf(facts))) return refusal(facts)
  return asPrivate(await switchOffPage('asks', localeOf(facts)))
}

/** Switches off. The answer is one and the same page, whether or not the user is there and has reminders. */
export async function switchOff(facts: RequestFacts): Promise<Response> {
  const target = await targetOf(facts)
  if (!target) return refusal(facts)
  const user = await findAnywhere(facts.env, facts.meter, async (database) => {
    const [, [found]] = await database.batch(switchRemindersOff(database, target, facts.now))
    return found ?? null
  })
  if (user && user.state !== null) throw new CompanyMoving(target.companyId)
  return asPrivate(await switchOffPage('done', localeOf(facts)))
}

/** 403 LINK_REFUSED; for a browser a page. */
async function refusal(facts: RequestFacts): Promise<Response> {
  if (acceptsPage(facts.raw)) return asPrivate(await switchOffPage('refused', localeOf(facts)))
  return asPrivate(new Problem('LINK_REFUSED').toResponse(facts.id))
}

function localeOf({ raw }: RequestFacts) {
  return preferredLocale(raw.headers.get('Accept-Language'))
}
