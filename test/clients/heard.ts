/** Nothing was seen yet: a cursor ahead of every event. */
export const FROM_THE_START = Buffer.from('events:1').toString('base64url')

/** Events as they come in. */
export function heard() {
  const events: string[] = []
  let wake: () => void = () => undefined
  return {
    events,
    add(type: string | undefined, title: string | null | undefined) {
      events.push(`${type} ${title ?? '-'}`)
      wake()
    },
    /** When there are so many; never, if they do not come. */
    async until(count: number) {
      while (events.length < count) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}
