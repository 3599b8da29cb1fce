import { readFile } from 'node:fs/promises'

/** The text of a file of the project, by its path from the root. */
export const projectFile = (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
