import { type ProcessReason, processReasons, SLOW_SOURCE, TaskFailure } from '../../platform/isolated/task.ts'

/** Why something is not known of a file, or not made of it. The text is for people who read logs and docs. */
export const problemReasons = {
  unsupported: 'Nothing here reads this type.',
  'no-size': 'The file states no size in pixels, as an SVG without width and height.',
  unreadable: 'The bytes are damaged, or not what their type says.',
  'pixel-limit': 'The picture has more pixels than any is decoded with here.',
  'too-large': 'More bytes would be read or made than are allowed for one file.',
  encrypted: 'The file asks for a password.',
  'no-keyframe': 'No frame can be taken by itself out of the video.',
  'no-ffmpeg': 'No ffmpeg is installed, which frames are decoded by.',
  ...processReasons,
} as const satisfies Record<string, string>

export type ProblemReason = keyof typeof problemReasons

/** The detail is for people who look for the cause. */
export interface Problem {
  readonly reason: ProblemReason
  readonly detail?: string
}

/** Reasons that lie in nothing the file is: the same bytes may do well another time, or when somebody has mended the gateway. */
const PASSING: ReadonlySet<string> = new Set<ProcessReason>([
  'source',
  'sink',
  'aborted',
  'closed',
  'installation',
])

export const isPassing = (reason: ProblemReason): boolean => PASSING.has(reason)

/** What a task has failed with. A process's own word for it is believed only if there is such a word. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof TaskFailure)) return { reason: 'crashed', detail: String(error) }
  const { reason, detail } = error
  if (reason === 'deadline' && detail === SLOW_SOURCE) return { reason: 'source', detail }
  return Object.hasOwn(problemReasons, reason)
    ? { reason: reason as ProblemReason, detail }
    : { reason: 'crashed', detail: `it said "${reason}"` }
}

/** Width and height in pixels as shown, after EXIF orientation; or why they are not known. */
export type ImageFacts =
  | { readonly width: number; readonly height: number; readonly reason: null }
  | {
      readonly width: null
      readonly height: null
      readonly reason: ProblemReason
      readonly detail?: string
    }
