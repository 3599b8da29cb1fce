import { BlockList, isIP } from 'node:net'

/**
 * What is not globally reachable, of the IANA registries of special-purpose addresses (RFC 6890 and those that update it), and
 * multicast. Of the ranges that carry an IPv4 address within, all is refused: which one they lead to is for a router to say.
 */
const SPECIAL = {
  ipv4: [
    '0.0.0.0/8', // this network (RFC 791, 3.2)
    '10.0.0.0/8', // private (RFC 1918)
    '100.64.0.0/10', // shared by carriers (RFC 6598)
    '127.0.0.0/8', // loopback (RFC 1122, 3.2.1.3)
    '169.254.0.0/16', // link-local, metadata services of clouds (RFC 3927)
    '172.16.0.0/12', // private (RFC 1918)
    '192.0.0.0/24', // protocol assignments (RFC 6890, 2.1)
    '192.0.2.0/24', // documentation (RFC 5737)
    '192.31.196.0/24', // AS112 (RFC 7535)
    '192.52.193.0/24', // AMT (RFC 7450)
    '192.88.99.0/24', // 6to4 relays (RFC 7526)
    '192.168.0.0/16', // private (RFC 1918)
    '192.175.48.0/24', // AS112 (RFC 7534)
    '198.18.0.0/15', // benchmarking (RFC 2544)
    '198.51.100.0/24', // documentation (RFC 5737)
    '203.0.113.0/24', // documentation (RFC 5737)
    '224.0.0.0/4', // multicast (RFC 5771)
    '240.0.0.0/4', // reserved and broadcast (RFC 1112, 4; RFC 8190)
    '168.63.129.16/32', // a platform service of Azure, reached from within
  ],
  // All that is given out lies in 2000::/3 (RFC 4291, 2.4); the rest is refused as a whole.
  ipv6: [
    '2001::/23', // protocol assignments, Teredo among them (RFC 2928, RFC 4380)
    '2001:db8::/32', // documentation (RFC 3849)
    '2002::/16', // 6to4 (RFC 3056)
    '2620:4f:8000::/48', // AS112 (RFC 7534)
    '3fff::/20', // documentation (RFC 9637)
  ],
} as const

const special = new BlockList()
for (const [family, networks] of Object.entries(SPECIAL) as ['ipv4' | 'ipv6', readonly string[]][]) {
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    special.addSubnet(address, Number(prefix), family)
  }
}

/** Whether an address is one of the public internet; false for what is no address, and for an IPv6 address with a zone. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return false
  if (family === 4) return !special.check(address, 'ipv4')
  return /^[23]/.test(firstGroup(address)) && !special.check(address, 'ipv6')
}

/** The first sixteen bits in four hexadecimal digits. */
const firstGroup = (address: string): string =>
  (address.startsWith('::') ? '' : (address.split(':', 1)[0] ?? '')).padStart(4, '0')
