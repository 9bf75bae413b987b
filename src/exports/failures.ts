/** The reasons for which an export can fail, with the texts that its record shows. */
import type { ExportFailure } from '../db/enums.ts'

const TEXTS: Record<ExportFailure, string> = {
  PLAN_DELETED: 'The plan was deleted before the export was made.',
  REQUESTER_INACTIVE: 'Its requester may not export any more.',
  ACCESS_LOST: 'Its requester may not read the plan any more.',
  QUEUE_UNAVAILABLE: 'The export could not be queued.',
  BUILD_FAILED: 'The workbook could not be made.',
  GAVE_UP: 'The export could not be made in time.',
  MAIL_REFUSED: 'The mail provider refused the mail.',
  MAIL_UNDELIVERABLE: 'The mail provider did not take the mail in time; links can be had from this export.',
  PERSON_ERASED: 'It named somebody whose data was erased; it can be asked for again.',
}

export interface Failure {
  code: ExportFailure
  detail: string
}

/**
 * A failure with its text.
 * @param detail replaces the usual text
 */
export function failureOf(code: ExportFailure, detail = TEXTS[code]): Failure {
  return { code, detail }
}
