/** What IPv4 looks like on a socket that listens for both families (RFC 4291, 2.5.5.2). */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i

/**
 * What one client is counted by: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of a /64 has
 * all of them (RFC 6177). What is no address comes back as it is.
 */
export function networkOf(address: string): string {
  const plain = address.replace(MAPPED, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = (plain.split('%', 1)[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':')
    // An IPv4 address at the end stands for two groups.
    const width = behind.length + (behind.at(-1)?.includes('.') ? 1 : 0)
    while (groups.length + width < 8) groups.push('0')
    groups.push(...behind)
  }
  const network = groups.slice(0, 4).map(group => group.toLowerCase().replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
