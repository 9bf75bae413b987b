/** Makes the new actions of an import. Pure. */
import { mayCreateActionType } from '../access/policy.ts'
import { visibilityOfNew } from '../actions/own-visibility.ts'
import { actionBytes } from '../actions/weight.ts'
import type { Visibility } from '../db/enums.ts'
import { LIMITS } from '../platform/limits.ts'
import { type ActionDraft, quoted, TITLE_PREFIX } from './drafts.ts'
import type { ErrorList, ImportError } from './error-list.ts'
import { authorOf, creatorOf } from './creators.ts'
import type { Clock } from './moments.ts'
import type { FoundPerson } from './people.ts'
import type { ImportSetting, Stored } from './setting.ts'
import type { ActionRow, NoteRow } from './rows.ts'
import type { ActionFields, PlanFields } from './schemas.ts'
import { focusItemsOf, leastBytes, noteBytesOf, type Size, tooMuch } from './sizes.ts'
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
  /** What is new, with errors too: of an action with errors, at least what is valid of it. */
  size: Size
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
  readonly #errors: ErrorList

  constructor(
    given: Readonly<{
      stored: Stored
      setting: ImportSetting
      clock: Clock
      /** Whether a visibility equal to the plan's means that the action follows it. */
      isEffective: boolean
      /** Where errors are added. */
      errors: ErrorList
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
  actionsOf(
    { actions, fields }: { actions: readonly ActionDraft[]; fields: PlanFields },
    home: Home | null,
    seen: Set<string>,
  ): Added {
    const size = { actions: 0, bytes: 0, noteBytes: 0 }
    const added: Added = { rows: [], drafts: [], size, unchanged: 0 }
    const fresh: { draft: ActionDraft; isDouble: boolean }[] = []
    for (const draft of actions) {
      const { externalId } = draft
      const isDouble = externalId !== null && seen.has(externalId)
      if (isDouble) this.#errors.add(doubled(draft, externalId))
      if (externalId === null || !this.#stored.actions.has(externalId)) fresh.push({ draft, isDouble })
      else if (!isDouble) added.unchanged += 1
      if (externalId !== null) seen.add(externalId)
    }
    const { now, idsFor } = this.#setting
    const times = fresh.map(({ draft }) =>
      draft.fields.createdAt ? this.#clock.at(draft.fields.createdAt) : now,
    )
    const ids = idsFor(times.map((time) => Math.max(0, time)))
    for (const [index, { draft, isDouble }] of fresh.entries()) {
      const facts = {
        id: ids[index] ?? '',
        createdAt: times[index] ?? now,
        planCreator: fields.createdBy ?? null,
      }
      const row = this.#row(draft, home ?? NOWHERE, facts)
      if (isDouble || draft.externalId === null) continue
      size.actions += 1
      size.bytes += row?.contentBytes ?? leastBytes(draft.fields)
      size.noteBytes += noteBytesOf(draft.fields)
      if (row === null) continue
      added.rows.push(row)
      added.drafts.push(draft)
    }
    return added
  }

  /** The row; null if something about it is wrong. */
  #row(
    draft: ActionDraft,
    home: Home,
    { id, createdAt, planCreator }: { id: string; createdAt: number; planCreator: string | null },
  ): ActionRow | null {
    const { importer, now } = this.#setting
    const { externalId, fields } = draft
    const before = this.#errors.total
    const complain = (member: string, message: string) => {
      this.#errors.add(draft.wrong(member, message))
    }
    this.#errors.addAll(draft.errors)
    if (createdAt > now || createdAt < 0) complain('createdAt', 'must lie between 1970 and now')
    const creator = creatorOf(fields.createdBy ?? planCreator, importer, this.#stored.people)
    // Of a creator whom the plan names, the plan's own error tells.
    if ('complaint' in creator && (fields.createdBy ?? null) !== null)
      complain('createdBy', creator.complaint)
    const createdBy = 'complaint' in creator ? null : creator.id
    if (!('complaint' in creator)) this.note(creator.isOther)
    const actionType = fields.actionType ?? 'MANAGER'
    if (!mayCreateActionType(importer.role, actionType))
      complain('actionType', `may be ${draft.word(actionType)} only if you are an ADMIN`)
    this.needsAdmin ||= actionType === 'COMPANY'
    const dueDate = fields.dueDate ? this.#clock.due(fields.dueDate) : null
    const circumstances = { clock: this.#clock, createdAt, dueDate, now, word: draft.word }
    const { state, complaints } = stateOf(fields, circumstances)
    for (const [member, message] of complaints) complain(member, message)
    const named = this.#assignees(fields, complain)
    const assigneeIds = named.length === 0 && createdBy !== null ? [createdBy] : named
    const own = {
      title: fields.title ?? '',
      description: fields.description ?? '',
      focusItems: focusItemsOf(fields),
      hierarchyIds: this.#areas(fields, complain),
    }
    const notes = this.#notes(fields, complain)
    if (noteBytesOf(fields) > LIMITS.noteBytesPerAction.most)
      complain('notes', tooMuch(LIMITS.noteBytesPerAction))
    const isNobodys = createdBy === null && !('complaint' in creator) && fields.createdBy !== null
    if (isNobodys && namesNobody(fields) && state.status !== 'NOT_STARTED')
      complain('status', 'needs an assignee, whose state it is')
    // What is private, and nobody's in a plan that is nobody's, nobody could read.
    const isLeftAlone = isNobodys && namesNobody(fields) && home.createdBy === null
    if (isLeftAlone && fields.visibility === 'PRIVATE')
      complain('visibility', 'needs a creator or an assignee, who can read it')
    if (this.#errors.total > before || 'complaint' in creator || externalId === null) return null
    const byDefault = isLeftAlone && home.visibility === 'PRIVATE' ? 'PUBLIC' : null
    const visibility = fields.visibility ?? byDefault
    const isSame = this.#isEffective && visibility === home.visibility
    return {
      ...{ id, planId: home.id, ...own, actionType, origin: fields.origin ?? 'MANUAL' },
      visibility: isSame ? null : visibilityOfNew({ visibility }, home.visibility),
      ...{ dueDate, ...state, assigneeIds, notes },
      contentBytes: actionBytes({ ...own, assignees: assigneeIds }),
      ...{ createdBy, createdAt, externalId },
    }
  }

  /** By addresses if there are any, else by ids, else by names. */
  #assignees(fields: ActionFields, complain: (member: string, message: string) => void): string[] {
    const { people } = this.#stored
    const ways: [keyof ActionFields, Listed, (text: string) => FoundPerson][] = [
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
      if (text === null) return []
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
    const isById = paths.length === 0 || this.#stored.isShownAs(ids, paths)
    const [member, listed]: [string, Listed] = isById ? ['areaIds', ids] : ['areas', paths]
    const found = listed.flatMap((text, index) => {
      if (text === null) return []
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
    const times = listed.map((note) => (note?.createdAt ? this.#clock.at(note.createdAt) : now))
    const ids = idsFor(times.map((time) => Math.max(0, time)))
    return listed.flatMap((note, index) => {
      const createdAt = times[index] ?? now
      if (createdAt > now || createdAt < 0)
        complain(`notes.${index}.createdAt`, 'must lie between 1970 and now')
      // Of an author that is no address at all, an error has been told.
      if (note === null || note.author === null) return []
      const found = authorOf(note.author ?? null, importer, this.#stored.people)
      if ('complaint' in found) complain(`notes.${index}.author`, found.complaint)
      else if (found.id === null) complain(`notes.${index}.author`, 'must be given')
      else {
        this.note(found.isOther)
        return [{ id: ids[index] ?? '', authorId: found.id, text: note.text ?? '', createdAt }]
      }
      return []
    })
  }
}

/** A list in which null stands for an item that is not valid. */
type Listed = readonly (string | null)[]

function namesNobody({ assignees, assigneeIds, assigneeNames }: ActionFields): boolean {
  return [assignees, assigneeIds, assigneeNames].every((list) => list !== null && (list ?? []).length === 0)
}

/** The error of an action whose name another one has. */
function doubled(draft: ActionDraft, externalId: string): ImportError {
  return externalId.startsWith(TITLE_PREFIX)
    ? draft.wrong('title', 'stands in this plan twice: give each of these actions an id')
    : draft.wrong('externalId', 'is the id of another action in this file too')
}

/** Stands in for a plan with errors, so that errors of its actions are found as well. */
const NOWHERE: Home = { id: '', visibility: 'PRIVATE', createdBy: null }
