/** Parses the options of a script so that every complaint about them can be told at once. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Takes what is not known as well, since a strict parser stops at the first thing that is wrong. */
export function parseAll<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true })
}

/** A complaint for each option that is not known. */
export function unknownOptions(values: object, known: object): string[] {
  return Object.keys(values)
    .filter((option) => !(option in known))
    .map((option) => `--${option} is not an option`)
}
