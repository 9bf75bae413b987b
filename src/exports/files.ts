/** Names of an export's files and their keys in R2. Pure. */

export const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Prefix of the keys of all export files. */
export const FILES_PREFIX = 'exports/'

export function objectKey(exportId: string, file: string): string {
  return `${FILES_PREFIX}${exportId}/${file}`
}

/** The id of the export that an object belongs to; null for a key of another form. */
export function exportIdOf(key: string): string | null {
  return /^exports\/([0-9a-f]{24})\//.exec(key)?.[1] ?? null
}

/**
 * The name of a file: `q4-wellbeing.xlsx`, or `q4-wellbeing-1-of-3.xlsx` in several volumes. Safe in URLs and file
 * systems.
 */
export function fileName(planTitle: string, volume: number, of: number): string {
  return `${asciiStem(planTitle)}${volumeSuffix(volume, of)}.xlsx`
}

function volumeSuffix(volume: number, of: number): string {
  return of > 1 ? `-${String(volume)}-of-${String(of)}` : ''
}

function asciiStem(title: string): string {
  const stem = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return stem === '' ? 'action-plan' : stem
}

/** Content-Disposition of a file: an ASCII name, and the plan's title in full (RFC 6266, RFC 8187). */
export function contentDisposition(planTitle: string, volume: number, of: number): string {
  // Replaces characters that file systems forbid, and marks that change the reading direction and could disguise the
  // name.
  const title = planTitle
    .replace(/[\p{Cc}\p{Cs}"*/:<>?\\|\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const full = `${title === '' ? 'action-plan' : title}${volumeSuffix(volume, of)}.xlsx`
  const encoded = encodeURIComponent(full).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${fileName(planTitle, volume, of)}"; filename*=UTF-8''${encoded}`
}
