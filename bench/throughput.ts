export const GIB = 2 ** 30

/** Of work that moves 1 GiB, in 10⁶ bytes a second. */
export async function megabytesPerSecond(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return GIB / 1e6 / ((performance.now() - began) / 1000)
}
