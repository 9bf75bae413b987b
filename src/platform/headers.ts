/** Header fields as HTTP means them. */

/** The field's value without the blanks around it, which are no part of it (RFC 9110 §5.5); null without the field. */
export function fieldValue(request: Request, name: string): string | null {
  return request.headers.get(name)?.replace(/^[ \t]+|[ \t]+$/g, '') ?? null
}
