/** Parses the options of a script so that every complaint about them can be told at once. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Takes what is not known as well, since a strict parser stops at the first thing that is wrong. */
export function parseAll<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
}

/** A complaint for each option that is given more than once: of two values, nobody knows which is meant. */
export function repeatedOptions(tokens: readonly { kind: string; name?: string }[]): string[] {
  const named = tokens.flatMap(({ kind, name }) => (kind === 'option' && name !== undefined ? [name] : []))
  const repeated = new Set(named.filter((name, index) => named.indexOf(name) < index))
  return [...repeated].map((name) => `--${name} is given more than once`)
}

/** A complaint for each option that is not known. */
export function unknownOptions(values: object, known: object): string[] {
  return Object.keys(values)
    .filter((option) => !(option in known))
    .map((option) => `--${option} is not an option`)
}
