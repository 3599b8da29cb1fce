import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What is known of one fixture, measured with tools that are no part of this project (see test/fixtures/README.md). */
export interface FixtureFacts {
  readonly file: string
  readonly kind: 'good' | 'malformed' | 'hostile'
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** Null where even the type is not defined. */
  readonly mimeType: string | null
  /** Pixels as stored. */
  readonly width?: number
  readonly height?: number
  /** Pixels as shown, after EXIF orientation or track rotation. */
  readonly displayWidth?: number
  readonly displayHeight?: number
  readonly orientation?: number
  readonly rotation?: number
  /** Seconds. */
  readonly duration?: number
  readonly pages?: number
  readonly frames?: number
  /** Decimal degrees. */
  readonly gps?: { readonly lat: number; readonly lng: number }
  /** What the header of a damaged or hostile image claims: not a fact to report. */
  readonly headerWidth?: number
  readonly headerHeight?: number
  readonly note?: string
}

export interface Fixture extends FixtureFacts {
  /** Absolute path. */
  readonly path: string
  bytes(): Buffer
}

const pathOf = (file: string) => fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url))
const readJson = <T>(file: string) => JSON.parse(readFileSync(pathOf(file), 'utf8')) as T

const STRINGS = 'naughty-strings.json'

const all: readonly Fixture[] = readJson<{ files: readonly FixtureFacts[] }>('MANIFEST.json')
  .files.filter(facts => facts.file !== STRINGS)
  .map(facts => {
    const path = pathOf(facts.file)
    return { ...facts, path, bytes: () => readFileSync(path) }
  })

/** The files of test/fixtures by what they are for. */
export const fixtures = {
  all,
  good: all.filter(fixture => fixture.kind === 'good'),
  malformed: all.filter(fixture => fixture.kind === 'malformed'),
  hostile: all.filter(fixture => fixture.kind === 'hostile'),
}

/** The fixture of that file name; throws for a name that the manifest does not hold. */
export function fixture(file: string): Fixture {
  const found = all.find(candidate => candidate.file === file)
  if (!found) throw new Error(`no such fixture: ${file}`)
  return found
}

/** Strings that break programs: names, titles, tags, search terms. Some are empty. */
export const naughtyStrings = readJson<readonly string[]>(STRINGS)
