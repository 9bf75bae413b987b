/** Reads and changes the caller's company. */
import { FORMER } from '../db/former-colleague.ts'
import { type Answer, resource } from '../platform/answer.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { companyById, companyIsUnchanged, type StoredCompany, updateCompany } from './company-store.ts'
import type { CompanyPatch } from './schemas.ts'
import { renameErased } from './user-store.ts'
import { viewCompany } from './view.ts'

export async function readCompany(request: AuthorizedRequest): Promise<Answer> {
  const { rows } = await request.read([companyById(request.database, request.caller.companyId)] as const)
  return resource(viewCompany(requireCompany(rows[0][0])))
}

/** Changes the company. Throws 412 PRECONDITION_FAILED, and the problems of `AuthorizedRequest.write`. */
export async function patchCompany(
  request: AuthorizedRequest,
  patch: CompanyPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [companyById(database, caller.companyId)] as const,
    async decide(_viewer, [[found]]) {
      const before = requireCompany(found)
      await requireMatch(ifMatch, viewCompany(before))
      const after = patchedCompany(before, patch)
      return {
        condition: companyIsUnchanged(before),
        effects: [
          ...(after === before ? [] : [updateCompany(database, before, after, now)]),
          ...(after.language === before.language
            ? []
            : [renameErased(database, after.id, FORMER[after.language], now)]),
        ],
        history: [],
        answer: resource(viewCompany(after)),
      }
    },
  })
}

/** The company after the patch, or the same object if nothing changes. */
function patchedCompany(company: StoredCompany, patch: CompanyPatch): StoredCompany {
  const { name, timeZone, language, accentColor } = patch
  const after = {
    ...company,
    name: name ?? company.name,
    timeZone: timeZone ?? company.timeZone,
    language: language ?? company.language,
    accentColor: accentColor ?? company.accentColor,
  }
  return JSON.stringify(after) === JSON.stringify(company) ? company : after
}

/** The company of the session, which exists as long as the session does. Throws 401 UNAUTHENTICATED without one. */
function requireCompany(company: StoredCompany | undefined): StoredCompany {
  if (!company) throw new Problem('UNAUTHENTICATED')
  return company
}
