/** Sockets that hold the process, which idle ones of a pool do not; given some time to close, as they do on their own. */
export async function busySockets(): Promise<number> {
  const count = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  const deadline = Date.now() + 30_000
  while (count() > 0 && Date.now() < deadline) await new Promise(setImmediate)
  return count()
}
