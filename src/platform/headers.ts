/** Reads header fields of a request. */

/**
 * The field's value without surrounding blanks, which are not part of it (RFC 9110 §5.5); null if the field is absent.
 */
export function fieldValue(request: Request, name: string): string | null {
  return request.headers.get(name)?.replace(/^[ \t]+|[ \t]+$/g, '') ?? null
}
