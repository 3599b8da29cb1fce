import type { FormattedExecutionResult } from 'graphql'
import type { Started } from './subscription-runner.ts'

/** Proxies and clients give a silent connection up after half a minute or more. */
const KEEP_ALIVE_MS = 12_000
/** A comment (WHATWG HTML, 9.2.6); the first one opens the stream where a browser waits for a byte. */
const COMMENT = ':\n\n'

const next = (result: FormattedExecutionResult) => `event: next\ndata: ${JSON.stringify(result)}\n\n`

/** Results as an event stream: `next` for each, `complete` at the end, comments while nothing happens. Pulled, never pushed. */
export async function* eventStream(started: Started): AsyncGenerator<string, void> {
  yield COMMENT
  if ('errors' in started) yield next({ errors: started.errors })
  else yield* running(started.results)
  yield 'event: complete\ndata: \n\n'
}

async function* running(
  results: AsyncGenerator<FormattedExecutionResult, void>,
): AsyncGenerator<string, void> {
  try {
    let awaited = results.next()
    for (;;) {
      const result = await withinKeepAlive(awaited)
      if (result === null) {
        yield COMMENT
        continue
      }
      if (result.done) return
      yield next(result.value)
      awaited = results.next()
    }
  } finally {
    await results.return()
  }
}

/** Null when it takes longer than a connection may be silent. */
async function withinKeepAlive<T>(awaited: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<null>(resolve => {
    timer = setTimeout(resolve, KEEP_ALIVE_MS, null)
    timer.unref()
  })
  return Promise.race([awaited, silence]).finally(() => clearTimeout(timer))
}
