/** Makes the new actions of an import. Pure. */
import { LIST_SEPARATOR } from '../actions/sheet-columns.ts'
import { mayCreateActionType } from '../access/policy.ts'
import { visibilityOfNew } from '../actions/own-visibility.ts'
import { actionBytes } from '../actions/weight.ts'
import type { Visibility } from '../db/enums.ts'
import type { ActionDraft, ImportError, PlanDraft } from './drafts.ts'
import { authorOf, creatorOf } from './creators.ts'
import type { Clock } from './moments.ts'
import type { FoundPerson } from './people.ts'
import type { ImportSetting, Stored } from './setting.ts'
import type { ActionRow, NoteRow } from './rows.ts'
import type { ActionFields } from './schemas.ts'
import { stateOf } from './states.ts'

/** The plan that actions are added to. */
interface Home {
  id: string
  visibility: Visibility
  createdBy: string | null
}

interface Added {
  rows: ActionRow[]
  /** The drafts that the rows were made of. */
  drafts: ActionDraft[]
  /** How many of the plan's actions exist. */
  unchanged: number
}

export class ActionMaker {
  /** Whether anything is made in somebody else's name. */
  namesOthers = false
  /** Whether anything is made that only an ADMIN may make. */
  needsAdmin = false
  readonly #stored: Stored
  readonly #setting: ImportSetting
  readonly #clock: Clock
  readonly #isEffective: boolean
  readonly #errors: ImportError[]

  constructor(
    given: Readonly<{
      stored: Stored
      setting: ImportSetting
      clock: Clock
      /** Whether a visibility equal to the plan's means that the action follows it. */
      isEffective: boolean
      /** Where errors are added. */
      errors: ImportError[]
    }>,
  ) {
    this.#stored = given.stored
    this.#setting = given.setting
    this.#clock = given.clock
    this.#isEffective = given.isEffective
    this.#errors = given.errors
  }

  /** Notes that something is made in a name. */
  note(isOther: boolean): void {
    this.namesOthers ||= isOther
    this.needsAdmin ||= isOther
  }

  /**
   * The plan's actions that do not exist yet.
   * @param home null if the plan has errors: then the actions are only looked at
   * @param seen what actions earlier in the file are called; those of this plan are added
   */
  actionsOf({ actions, fields }: PlanDraft, home: Home | null, seen: Set<string>): Added {
    const added: Added = { rows: [], drafts: [], unchanged: 0 }
    const { now, idsFor } = this.#setting
    const fresh: ActionDraft[] = []
    for (const draft of actions) {
      if (seen.has(draft.externalId)) {
        const isDerived = draft.externalId.startsWith('title: ')
        this.#errors.push(
          isDerived
            ? draft.wrong('title', 'stands in this plan twice: give each of these actions an id')
            : draft.wrong('externalId', 'is the id of another action in this file too'),
        )
      } else if (this.#stored.actions.has(draft.externalId)) added.unchanged += 1
      else fresh.push(draft)
      seen.add(draft.externalId)
    }
    const times = fresh.map(({ fields: own }) => (own?.createdAt ? this.#clock.at(own.createdAt) : now))
    const ids = idsFor(times.map((time) => Math.max(0, time)))
    for (const [index, draft] of fresh.entries()) {
      this.#errors.push(...draft.errors)
      const facts = {
        id: ids[index] ?? '',
        createdAt: times[index] ?? now,
        planCreator: fields?.createdBy ?? null,
      }
      const row = draft.fields && this.#row(draft, draft.fields, home ?? NOWHERE, facts)
      if (row === null) continue
      added.rows.push(row)
      added.drafts.push(draft)
    }
    return added
  }

  /** The row; null if something about it is wrong. */
  #row(
    draft: ActionDraft,
    fields: ActionFields,
    home: Home,
    { id, createdAt, planCreator }: { id: string; createdAt: number; planCreator: string | null },
  ): ActionRow | null {
    const { importer, now } = this.#setting
    const before = this.#errors.length
    const complain = (member: string, message: string) => this.#errors.push(draft.wrong(member, message))
    if (createdAt > now || createdAt < 0) complain('createdAt', 'must lie between 1970 and now')
    const creator = creatorOf(fields.createdBy ?? planCreator, importer, this.#stored.people)
    // Of a creator whom the plan names, the plan's own error tells.
    if ('complaint' in creator && (fields.createdBy ?? null) !== null)
      complain('createdBy', creator.complaint)
    const createdBy = 'complaint' in creator ? null : creator.id
    if (!('complaint' in creator)) this.note(creator.isOther)
    const actionType = fields.actionType ?? 'MANAGER'
    if (!mayCreateActionType(importer.role, actionType))
      complain('actionType', 'may be COMPANY only if you are an ADMIN')
    this.needsAdmin ||= actionType === 'COMPANY'
    const dueDate = (fields.dueDate ?? null) === null ? null : this.#clock.due(fields.dueDate ?? '')
    const { state, complaints } = stateOf(fields, { clock: this.#clock, createdAt, dueDate, now })
    for (const [member, message] of complaints) complain(member, message)
    const named = this.#assignees(fields, complain)
    const assigneeIds = named.length === 0 && createdBy !== null ? [createdBy] : named
    if (assigneeIds.length === 0 && state.status !== 'NOT_STARTED' && !('complaint' in creator))
      complain('status', 'needs an assignee, whose state it is')
    const own = {
      title: fields.title,
      description: fields.description ?? '',
      focusItems: (fields.focusItems ?? []).map(({ focusType, focusId }) => ({
        focusType,
        focusId: focusId ?? null,
      })),
      hierarchyIds: this.#areas(fields, complain),
    }
    const notes = this.#notes(fields, complain)
    if (this.#errors.length > before || 'complaint' in creator) return null
    const isSame = this.#isEffective && fields.visibility === home.visibility
    return {
      ...{ id, planId: home.id, ...own, actionType, origin: fields.origin ?? 'MANUAL' },
      visibility: isSame ? null : visibilityOfNew(fields, home.visibility),
      ...{ dueDate, ...state, assigneeIds, notes },
      contentBytes: actionBytes({ ...own, assignees: assigneeIds }),
      ...{ createdBy, createdAt, externalId: draft.externalId },
    }
  }

  /** By addresses if there are any, else by ids, else by names. */
  #assignees(fields: ActionFields, complain: (member: string, message: string) => void): string[] {
    const { people } = this.#stored
    const ways: [keyof ActionFields, readonly string[], (text: string) => FoundPerson][] = [
      ['assignees', fields.assignees ?? [], (email) => people.byEmail(email)],
      ['assigneeIds', fields.assigneeIds ?? [], (id) => people.byId(id)],
      ['assigneeNames', fields.assigneeNames ?? [], (name) => people.byName(name)],
    ]
    const [member, listed, find] = ways.find(([, list]) => list.length > 0) ?? [
      'assignees',
      [],
      people.byEmail,
    ]
    const found = listed.flatMap((text, index) => {
      const person = find(text)
      if (!('complaint' in person) && person.isAssignable) return [person.id]
      const complaint = 'complaint' in person ? person.complaint : 'is no active company manager'
      complain(`${member}.${index}`, quoted(text, complaint))
      return []
    })
    return [...new Set(found)]
  }

  /** By paths if there are any, unless they are what an export shows of the ids beside them; else by ids. */
  #areas(fields: ActionFields, complain: (member: string, message: string) => void): string[] {
    const [paths, ids] = [fields.areas ?? [], fields.areaIds ?? []]
    const isById = paths.length === 0 || this.#stored.isShownAs(ids, paths.join(LIST_SEPARATOR))
    const [member, listed] = isById ? ['areaIds', ids] : ['areas', paths]
    const found = listed.flatMap((text, index) => {
      const area = this.#stored.area(text)
      if ('id' in area) return [area.id]
      complain(`${member}.${index}`, quoted(text, area.complaint))
      return []
    })
    return [...new Set(found)]
  }

  #notes(fields: ActionFields, complain: (member: string, message: string) => void): NoteRow[] {
    const { importer, now, idsFor } = this.#setting
    const listed = fields.notes ?? []
    const times = listed.map(({ createdAt }) => (createdAt ? this.#clock.at(createdAt) : now))
    const ids = idsFor(times.map((time) => Math.max(0, time)))
    return listed.flatMap(({ author, text }, index) => {
      const createdAt = times[index] ?? now
      if (createdAt > now || createdAt < 0)
        complain(`notes.${index}.createdAt`, 'must lie between 1970 and now')
      const found = authorOf(author ?? null, importer, this.#stored.people)
      if ('complaint' in found) complain(`notes.${index}.author`, found.complaint)
      else if (found.id === null) complain(`notes.${index}.author`, 'must be given')
      else {
        this.note(found.isOther)
        return [{ id: ids[index] ?? '', authorId: found.id, text, createdAt }]
      }
      return []
    })
  }
}

/** Stands in for a plan with errors, so that errors of its actions are found as well. */
const NOWHERE: Home = { id: '', visibility: 'PRIVATE', createdBy: null }

const LONGEST_QUOTE = 60

function quoted(text: string, complaint: string): string {
  const shown = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE).toWellFormed()}…` : text
  return `"${shown}" ${complaint}`
}
