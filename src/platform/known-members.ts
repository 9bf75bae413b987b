/** Which names a body or a query may have, and the errors for all others. Pure. */
import * as z from 'zod'
import { type InputError, MOST_ERRORS } from './problem.ts'
import { probablyMeant } from './suggestion.ts'

/** The names that an object may have. */
export interface Members {
  /** Each name with the members of the object, or of the objects in the list, that it holds; null for anything else. */
  readonly inside: ReadonlyMap<string, Members | null>
  /** The names that may be meant by a similar one: those that can be set here. */
  readonly meant: readonly string[]
}

/**
 * The members that `body` takes, and those that `shown` has besides: what a representation shows and nobody may set is
 * known too, so that a body that was read can be sent back.
 */
export function membersOf(body: z.ZodObject | null, shown: z.ZodObject | null): Members {
  const names = new Set([...Object.keys(body?.shape ?? {}), ...Object.keys(shown?.shape ?? {})])
  const inside = [...names].map((name): [string, Members | null] => {
    const [taken, read] = [objectIn(body?.shape[name]), objectIn(shown?.shape[name])]
    return [name, taken || read ? membersOf(taken, read) : null]
  })
  const meant = Object.entries(body?.shape ?? {}).flatMap(([name, schema]) =>
    isReadOnly(schema) ? [] : [name],
  )
  return { inside: new Map(inside), meant }
}

/** The object in a schema, or in the items of a list; null if there is none. */
export function objectIn(schema: unknown): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return objectIn(schema.unwrap())
  if (schema instanceof z.ZodArray) return objectIn(schema.element)
  return schema instanceof z.ZodPipe ? objectIn(schema.out) : null
}

/** Whether the schema is that of a member which a body may hold only as it was read. */
function isReadOnly(schema: unknown): boolean {
  return schema instanceof z.ZodType && z.globalRegistry.get(schema)?.readOnly === true
}

interface Unknown {
  path: string
  name: string
  meant: readonly string[]
}

/** An error for each member of `body`, at any depth, that is not known; at most `MOST_ERRORS`. */
export function unknownMembers(body: object, members: Members): InputError[] {
  const found: Unknown[] = []
  const visit = (value: unknown, { inside, meant }: Members, path: string) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [name, member] of Object.entries(value)) {
      if (found.length >= MOST_ERRORS) return
      const within = inside.get(name)
      if (within === undefined) found.push({ path: path + shortened(name), name, meant })
      else if (within !== null) {
        const at = `${path}${name}.`
        if (Array.isArray(member))
          for (const [index, item] of member.entries()) visit(item, within, `${at}${String(index)}.`)
        else visit(member, within, at)
      }
    }
  }
  visit(body, members, '')
  return errorsFor(found)
}

/** An error for each name that is not one of `known`; at most `MOST_ERRORS`. */
export function unknownParameters(names: Iterable<string>, known: readonly string[]): InputError[] {
  const unknown = [...new Set(names)].filter((name) => !known.includes(name)).slice(0, MOST_ERRORS)
  return errorsFor(unknown.map((name) => ({ path: shortened(name), name, meant: known })))
}

/** Only this many unknown names are compared with the known ones, so that a hostile list costs little. */
const MOST_COMPARED = 100

function errorsFor(unknown: readonly Unknown[]): InputError[] {
  return unknown.map(({ path, name, meant }, index) => {
    const suggestion = index < MOST_COMPARED ? probablyMeant(name, meant) : null
    return {
      path,
      message: suggestion === null ? 'is not known' : `is not known; did you mean \`${suggestion}\`?`,
    }
  })
}

const LONGEST_NAME = 100

/** The name as an error shows it: a long one is cut, so that the answer does not grow with it. */
function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME).toWellFormed()}…` : name
}
