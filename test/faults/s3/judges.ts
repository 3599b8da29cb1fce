import type { Random } from '../random.ts'
import type { Judge, Verdict } from './s3-proxy.ts'
import type { S3Operation, S3Request } from './s3-request.ts'

/** Which requests are meant: those about contents, unless it says otherwise. */
export interface Aim {
  readonly operation: S3Operation
  readonly isUnfinished?: boolean
}

const FORWARD: Verdict = { do: 'forward' }
const isMet = ({ operation, isUnfinished = false }: Aim, request: S3Request): boolean =>
  request.operation === operation && request.isUnfinished === isUnfinished

/** Every one of them. */
export const each =
  (aim: Aim, verdict: Verdict): Judge =>
  request =>
    isMet(aim, request) ? verdict : FORWARD

/** So many of them, from the one of this number on, counted from 1. */
export function few(aim: Aim, verdict: Verdict, { from = 1, count = 1 } = {}): Judge {
  let seen = 0
  return request => {
    if (!isMet(aim, request)) return FORWARD
    seen++
    return from <= seen && seen < from + count ? verdict : FORWARD
  }
}

/** Any request, so many of a hundred. */
export const some =
  (percent: number, verdict: Verdict, random: Random): Judge =>
  () =>
    random.integer(1, 100) <= percent ? verdict : FORWARD

export const all =
  (verdict: Verdict): Judge =>
  () =>
    verdict

/** An error as stores tell it (Amazon S3 API Reference, "Error Responses"). */
const errorXml = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>asked for by a test</Message></Error>`

/** The store asks to be left alone for a while. */
export const SLOW_DOWN: Verdict = { do: 'answer', status: 503, body: errorXml('SlowDown') }

/** An error within a 200, as CompleteMultipartUpload may be answered; some stores end it with a line break. */
export const errorIn200 = (how: { isDone: boolean; isLineEnded?: boolean }): Verdict => ({
  do: how.isDone ? 'answerAfter' : 'answer',
  status: 200,
  body: errorXml('InternalError') + (how.isLineEnded ? '\n' : ''),
})
