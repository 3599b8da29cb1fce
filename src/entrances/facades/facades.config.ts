import type { ConfigTable, Parsed } from '../../platform/config.ts'
import { FACADES, type FacadeName } from './facade.ts'

/** Where a facade is reached. */
export interface Mount {
  readonly name: FacadeName
  /** The one Host that it answers at, as URLs write it; any without it. */
  readonly host?: string
  /** Stands ahead of its paths, without a slash at its end. */
  readonly prefix: string
}

const names = Object.keys(FACADES) as FacadeName[]
const MOUNT =
  /^(?<name>[a-z]+)(?:@(?<host>[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?))?(?<prefix>(?:\/[\w.~-]+)*)$/i

function mountOf(text: string): Mount | null {
  const { name = '', host, prefix = '' } = MOUNT.exec(text)?.groups ?? {}
  if (!Object.hasOwn(FACADES, name)) return null
  return { name: name as FacadeName, ...(host ? { host: host.toLowerCase() } : {}), prefix }
}

function mounts(input: string): Parsed<readonly Mount[]> {
  if (input === 'off') return { value: [] }
  const read = input.split(',').map(part => mountOf(part.trim()))
  const isOnce = new Set(read.map(mount => mount?.name)).size === read.length
  if (isOnce && read.every(mount => mount !== null)) return { value: read }
  return {
    allowed: `off, or names parted by commas, each once and each with @host or /prefix behind it where it has its own, such as vonage, cms@cms.example.org, apizee/old; names are ${names.join(', ')}`,
  }
}

export const facadesConfig = {
  FACADES: {
    default: names.map((name): Mount => ({ name, prefix: '' })),
    defaultText: `\`${names.join(',')}\``,
    about: `REST APIs whose clients work unchanged, parted by commas, or \`off\` (${Object.entries(FACADES)
      .map(([name, where]) => `\`${name}\`: ${where}`)
      .join(
        '; ',
      )}). Behind a name, \`@cms.example.org\` serves it at that host alone, \`/old\` below that path.`,
    parse: mounts,
  },
} satisfies ConfigTable
