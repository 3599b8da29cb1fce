import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Source files by their path below `src`. */
export type SourceTree = ReadonlyMap<string, string>

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

export async function readSourceTree(): Promise<SourceTree> {
  const names = (await readdir(SRC, { recursive: true })).filter(name => name.endsWith('.ts')).sort()
  return new Map(names.map(name => [name, readFileSync(join(SRC, name), 'utf8')]))
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)/g

/** What each file imports of this tree, dynamic imports and types included. */
export function importsOf(tree: SourceTree): Map<string, string[]> {
  return new Map(
    [...tree].map(([file, text]) => [
      file,
      [...text.matchAll(IMPORT)].map(match => normalize(join(dirname(file), match[1] ?? match[2] ?? ''))),
    ]),
  )
}
