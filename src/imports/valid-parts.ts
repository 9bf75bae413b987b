/** What is valid of a value although other parts of it are not, so that these are looked at further. Pure. */
import * as z from 'zod'
import { mostAsSent } from '../platform/text.ts'

/** A value with null in place of each member and each item that is not valid. Items keep their places. */
export type ValidParts<Value> = Value extends readonly (infer Item)[]
  ? (ValidParts<Item> | null)[]
  : Value extends object
    ? { [Name in keyof Value]?: ValidParts<Exclude<Value[Name], null | undefined>> | null | undefined }
    : Value

const LONGEST_LIST = mostAsSent(1000)

/** The valid parts of a value that is not valid as a whole; null if it has none. */
export function validPartsOf(schema: unknown, value: unknown): unknown {
  const { shape, item } = insideOf(schema)
  if (item !== null && Array.isArray(value))
    return value.slice(0, LONGEST_LIST).map((each) => validOr(item, each))
  if (shape === null || typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const members = value as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(shape).map(([name, member]) => [name, validOr(member, members[name])]),
  )
}

function validOr(schema: unknown, value: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return null
  const { success, data } = schema.safeParse(value)
  return success ? data : validPartsOf(schema, value)
}

/** The members of an object's schema, or the schema of a list's items. */
function insideOf(schema: unknown): { shape: z.ZodRawShape | null; item: unknown } {
  if (schema instanceof z.ZodObject) return { shape: schema.shape, item: null }
  if (schema instanceof z.ZodArray) return { shape: null, item: schema.element }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return insideOf(schema.unwrap())
  return schema instanceof z.ZodPipe ? insideOf(schema.out) : { shape: null, item: null }
}
