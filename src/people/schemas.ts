/** Requests and answers about the company, its users and its hierarchies. */
import * as z from 'zod'
import { LOCALES, ROLES } from '../db/enums.ts'
import { flag, id, optional, sliceQuery, timestamp } from '../platform/schemas.ts'
import { accentColor } from '../platform/color.ts'
import { emailText, personName, searchText, titleText } from '../platform/text.ts'
import { isTimeZone, tidyTimeZone } from '../platform/time.ts'

const role = z.enum(ROLES).meta({ id: 'Role' })
const language = z.enum(LOCALES).meta({ id: 'Language' })

export const userSchema = z
  .object({
    id: id(),
    email: z.string(),
    name: z.string(),
    role,
    active: z.boolean(),
    language: language.nullable().meta({
      description: "Of mails and workbooks; null: the request's `Accept-Language`, or the company's",
    }),
    reminders: z.boolean().meta({
      description: 'Whether one is reminded by mail of open work that is overdue or due within 7 days',
    }),
    createdAt: timestamp(),
  })
  .meta({ id: 'User' })

export const newUserSchema = z
  .object({ email: emailText(), name: personName(), role })
  .meta({ id: 'NewUser' })

export const userPatchSchema = z
  .object({ name: optional(personName()), role: optional(role), active: optional(z.boolean()) })
  .meta({ id: 'UserPatch', description: 'Null or absent members mean no change' })

export const mePatchSchema = z
  .object({
    name: optional(personName()),
    language: optional(language),
    clearLanguage: optional(z.boolean()).meta({ description: "true: no language of one's own any more" }),
    reminders: optional(z.boolean()),
  })
  .refine((patch) => !(patch.clearLanguage === true && typeof patch.language === 'string'), {
    path: ['clearLanguage'],
    message: 'cannot go together with language',
    when: () => true,
  })
  .meta({ id: 'MePatch', description: 'Null or absent members mean no change' })

export const userListQuery = sliceQuery({
  q: searchText().optional().meta({ description: 'Case-insensitive "contains" on name or e-mail' }),
  role: role.optional(),
  active: flag().optional(),
})

export const companySchema = z
  .object({
    id: id(),
    name: z.string(),
    timeZone: z.string(),
    language: language.meta({ description: 'Of mails and workbooks for those who have not chosen one' }),
    accentColor: z.string().meta({ description: 'The colour of its workbooks and mails, `#rrggbb`' }),
  })
  .meta({ id: 'Company' })

export const companyPatchSchema = z
  .object({
    name: optional(titleText()),
    timeZone: optional(z.string().overwrite(tidyTimeZone).refine(isTimeZone, 'must be an IANA time zone')),
    language: optional(language),
    accentColor: optional(accentColor()),
  })
  .meta({ id: 'CompanyPatch', description: 'Null or absent members mean no change' })

export const hierarchySchema = z
  .object({ id: id(), name: z.string(), parentId: id().nullable(), childCount: z.int() })
  .meta({ id: 'Hierarchy', description: 'An area of the company' })

export const newHierarchySchema = z
  .object({ name: titleText(), parentId: optional(id()) })
  .meta({ id: 'NewHierarchy' })

export const hierarchyPatchSchema = z
  .object({
    name: optional(titleText()),
    parentId: optional(id()),
    toRoot: optional(z.boolean()).meta({ description: 'true moves it to the top' }),
  })
  .refine((patch) => !(patch.toRoot === true && typeof patch.parentId === 'string'), {
    path: ['toRoot'],
    message: 'cannot go together with parentId',
    when: () => true,
  })
  .meta({ id: 'HierarchyPatch', description: 'Null or absent members mean no change' })

export type CompanyView = z.infer<typeof companySchema>
export type CompanyPatch = z.infer<typeof companyPatchSchema>
export type UserView = z.infer<typeof userSchema>
export type NewUser = z.infer<typeof newUserSchema>
export type UserPatch = z.infer<typeof userPatchSchema>
export type MePatch = z.infer<typeof mePatchSchema>
export type HierarchyView = z.infer<typeof hierarchySchema>
export type NewHierarchy = z.infer<typeof newHierarchySchema>
export type HierarchyPatch = z.infer<typeof hierarchyPatchSchema>
