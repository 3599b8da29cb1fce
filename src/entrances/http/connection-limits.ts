import { BlockList, isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../../platform/lib/network-of.ts'

export interface ConnectionLimits {
  /** Connections at one time. */
  readonly most: number
  /** Of these, from one address (of IPv6 the /64). */
  readonly mostOfAddress: number
  /** Proxies, through which everybody comes: addresses, networks, or the names of some. */
  readonly proxies: readonly string[]
  /** Told of connections that were closed, at most once a minute. */
  readonly onRefused: (why: 'all' | 'address') => void
}

const QUIET_MS = 60_000

/** Closes connections beyond the limits as soon as they are there: they cost memory before any request is counted. */
export function limitConnections(server: FastifyInstance, limits: ConnectionLimits): void {
  const { most, mostOfAddress } = limits
  const proxies = networksOf(limits.proxies)
  const open = new Map<string, number>()
  const refused = { all: false, address: false }
  const tell = (why: keyof typeof refused) => {
    if (refused[why]) return
    refused[why] = true
    setTimeout(() => {
      refused[why] = false
    }, QUIET_MS).unref()
    limits.onRefused(why)
  }

  server.server.maxConnections = most
  server.server.on('drop', () => tell('all'))
  server.server.on('connection', socket => {
    const address = socket.remoteAddress
    // Its client has gone already, and with it the address that everything here is counted by.
    if (address === undefined) return void socket.destroy()
    if (proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return
    const network = networkOf(address)
    const count = open.get(network) ?? 0
    if (count >= mostOfAddress) {
      socket.destroy()
      tell('address')
      return
    }
    open.set(network, count + 1)
    socket.once('close', () => {
      const left = (open.get(network) ?? 0) - 1
      if (left > 0) open.set(network, left)
      else open.delete(network)
    })
  })
}

/** The names that TRUST_PROXY takes beside addresses and networks. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

function networksOf(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of proxies.flatMap(proxy => NAMED[proxy] ?? [proxy])) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
