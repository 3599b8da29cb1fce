import { BlockList, isIP } from 'node:net'
import type { Parsed } from '../config.ts'
import { isPublicAddress } from './address-scope.ts'

/** Which servers of others the gateway may ask, for one purpose; null = none. */
export interface AllowedPlaces {
  /** Whether every name may be asked, at the ports 80 and 443. */
  readonly everyName: boolean
  /** Names that may be asked, as patterns; without a port at 80 and 443. */
  readonly names: readonly { readonly pattern: string; readonly port: number | null }[]
  /** Networks of addresses that may be reached although they are not public. */
  readonly networks: readonly string[]
}

const NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i
const DEFAULT_PORTS: ReadonlySet<number> = new Set([80, 443])

const ALLOWED =
  'off, public, or a list of names ("cdn.example.com", "*.example.com", "host:8443") and networks ("10.1.0.0/16", without a port) parted by commas'

/**
 * Reads `off`, `public`, or a list. A name allows its public addresses, at the ports 80 and 443 or the one that is given;
 * `public` allows all names; a network allows its addresses, at any port when a URL gives the address itself.
 */
export function allowedPlaces(input: string): Parsed<AllowedPlaces | null> {
  if (/^(off|false|0|no)$/i.test(input)) return { value: null }
  const items = input
    .split(',')
    .map(item => item.trim().toLowerCase())
    .filter(Boolean)
  const everyName = items.includes('public')
  const networks = items.filter(isNetwork)
  const names = items.filter(item => item !== 'public' && !isNetwork(item)).map(nameAndPort)
  const readable = names.filter(name => name !== null)
  return items.length > 0 && readable.length === names.length
    ? { value: { everyName, names: readable, networks } }
    : { allowed: ALLOWED }
}

function isNetwork(item: string): boolean {
  const [address = '', prefix, ...more] = item.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

function nameAndPort(item: string): { pattern: string; port: number | null } | null {
  const [pattern = '', port, ...more] = item.split(':')
  // An address with a port would be taken for a name, which nothing resolves.
  if (more.length > 0 || !NAME.test(pattern) || isIP(pattern) !== 0) return null
  if (port === undefined) return { pattern, port: null }
  return /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536
    ? { pattern, port: Number(port) }
    : null
}

/** Decides of names and ports before anything is looked up, and of addresses before anything is connected to. */
export class PlaceCheck {
  readonly #places: AllowedPlaces
  readonly #networks = new BlockList()

  constructor(places: AllowedPlaces) {
    this.#places = places
    for (const network of places.networks) {
      const [address = '', prefix] = network.split('/')
      const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
      this.#networks.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family)
    }
  }

  /** Whether this host, a name or an address as in a URL, may be asked at this port. */
  allowsHost(host: string, port: number): boolean {
    return (this.#places.everyName && DEFAULT_PORTS.has(port)) || this.lists(host, port)
  }

  /** Whether it is allowed by itself, and not only because every name is. */
  lists(host: string, port: number): boolean {
    if (this.#isListed(host)) return true
    return this.#places.names.some(
      name => fits(name.pattern, host) && (name.port === null ? DEFAULT_PORTS.has(port) : name.port === port),
    )
  }

  allowsAddress(address: string): boolean {
    return isPublicAddress(address) || this.#isListed(address)
  }

  #isListed(address: string): boolean {
    const family = isIP(address)
    return (
      family !== 0 && !address.includes('%') && this.#networks.check(address, family === 4 ? 'ipv4' : 'ipv6')
    )
  }
}

const fits = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
