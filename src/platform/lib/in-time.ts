/** What the work gives; rejects when it takes longer than `ms`, and does not wait for it any more. */
export async function inTime<T>(work: () => Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms)
  })
  return Promise.race([work(), late]).finally(() => clearTimeout(timer))
}
