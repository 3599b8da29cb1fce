import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chown, lstat, mkdir } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { platform } from 'node:os'
import { join } from 'node:path'
import type { Location } from './location.ts'

export interface ListenAddress {
  /** Settings of the server. */
  readonly settings: Readonly<Record<string, string>>
  /** The file by which PostgreSQL claims its socket. */
  readonly socketLock?: string
}

const SOCKET = '.s.PGSQL.5432'
/** Bytes of the shortest `sun_path` among the platforms (macOS), less its closing zero. */
const LONGEST_SOCKET_PATH = 103

/** Where a new server of the cluster listens: at a socket that only its user and root reach; on Windows at 127.0.0.1. */
export async function listenAddress(location: Location): Promise<ListenAddress> {
  if (platform() === 'win32') {
    return { settings: { listen_addresses: '127.0.0.1', port: String(await freePort()) } }
  }
  const folder = await socketFolder(location)
  return {
    settings: {
      listen_addresses: '',
      port: '5432',
      // A list: the quotes keep a comma in the path from parting it.
      unix_socket_directories: `"${folder.replaceAll('"', '""')}"`,
      unix_socket_permissions: '0700',
    },
    socketLock: join(folder, `${SOCKET}.lock`),
  }
}

/** The cluster's own folder, or a short one for it under /tmp where the path would be too long for a socket. */
async function socketFolder({ folder, account }: Location): Promise<string> {
  if (Buffer.byteLength(join(folder, SOCKET)) <= LONGEST_SOCKET_PATH) return folder
  const short = `/tmp/media-gateway-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
  const owner = account.uid ?? process.geteuid?.()
  await mkdir(short, { mode: 0o700 }).then(
    () => (account.uid === undefined ? undefined : chown(short, account.uid, account.gid ?? -1)),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  const entry = await lstat(short)
  // /tmp is everybody's: another user may have made the folder first, to stand between the gateway and its database.
  if (entry.isDirectory() && entry.uid === owner && (entry.mode & 0o077) === 0) return short
  throw new Error(
    `${short}, meant for the socket of PostgreSQL, is not a private folder of its user: remove it.`,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
