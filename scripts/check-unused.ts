/** Fails on exports that nobody imports, and on dependencies that are not declared or not used. */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { relative } from 'node:path'
import { analyzeTsConfig } from 'ts-unused-exports'
import ts from 'typescript'

// What is run or read by name: its exports are for others than TypeScript.
const ENTRIES = [/^src\/(index|db\/schema)\.ts$/, /^[^/]+\.config\.ts$/, /^test\/bench\//]
// Named by no import and no command: the types that tsconfig and other packages ask for.
const KEPT = '@types/'

interface Package {
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

const files = projectFiles()
const complaints = [...unusedExports(), ...dependencyComplaints()]
for (const complaint of complaints) console.error(complaint)
process.exitCode = complaints.length > 0 ? 1 : 0

function projectFiles(): string[] {
  const fromConfig = (path: string) => {
    const config = ts.getParsedCommandLineOfConfigFile(
      path,
      {},
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
    )
    return config?.fileNames ?? []
  }
  const all = [...fromConfig('tsconfig.json'), ...fromConfig('scripts/tsconfig.json')]
  return [...new Set(all.map((path) => relative('.', path)))].filter((path) => !path.endsWith('.d.ts'))
}

function fail(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
}

function unusedExports(): string[] {
  const { unusedExports: byFile } = analyzeTsConfig('tsconfig.json', [...files, '--allowUnusedTypes=false'])
  return Object.entries(byFile).flatMap(([path, names]) => {
    const file = relative('.', path)
    if (ENTRIES.some((entry) => entry.test(file))) return []
    return names.map(
      ({ exportName, location }) => `${file}:${location.line} exports ${exportName}, which nobody imports`,
    )
  })
}

function dependencyComplaints(): string[] {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Package
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
  const imports = importedPackages()
  const commands = [...Object.values(manifest.scripts), readFileSync('.ci/run', 'utf8')].join('\n')
  // Files that the worker serves as they are.
  const served = readFileSync('wrangler.toml', 'utf8')
  const isUsed = (name: string) =>
    imports.has(name) ||
    name.startsWith(KEPT) ||
    served.includes(`node_modules/${name}"`) ||
    commandsOf(name).some((bin) => hasWord(commands, bin))
  return [
    ...[...imports]
      .filter(([name]) => !declared.includes(name))
      .map(([name, file]) => `${file} imports ${name}, which package.json does not declare`),
    ...declared
      .filter((name) => !isUsed(name))
      .map((name) => `package.json declares ${name}, which nothing uses`),
  ]
}

/** Every package that is imported, or named in a tsconfig's types, with one file that does. */
function importedPackages(): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of [...files, 'eslint.config.js']) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
      const name = packageOf(fileName)
      if (name !== null) found.set(name, file)
    }
  }
  for (const file of ['tsconfig.json', 'scripts/tsconfig.json']) {
    const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as {
      config: { compilerOptions?: { types?: string[] } }
    }
    for (const type of config.compilerOptions?.types ?? []) {
      const name = packageOf(type)
      if (name !== null && name !== 'node') found.set(name, file)
    }
  }
  return found
}

/** `@scope/name/path` is of the package `@scope/name`; null for what is no package. */
function packageOf(specifier: string): string | null {
  if (/^[./]|^(node|cloudflare):/.test(specifier) || builtinModules.includes(specifier)) return null
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function commandsOf(name: string): string[] {
  const { bin } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as {
    bin?: string | Record<string, string>
  }
  return typeof bin === 'string' ? [name] : Object.keys(bin ?? {})
}

function hasWord(text: string, word: string): boolean {
  return text.split(/[\s"'=]+/).includes(word)
}
