import type { TypeRule } from '../../../features/types/type-rules.ts'

const MIB = 2 ** 20

/** The types of files that its documentation lists, and the ones that office programs of today write. */
const TAKEN = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'application/pdf',
  'application/msword',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.ms-excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'video/mp4',
  'audio/mpeg',
]

/** Its limits of size: 10, 20, 100 and 50 MB. */
const LARGEST = { IMAGE: 10 * MIB, DOCUMENT: 20 * MIB, VIDEO: 100 * MIB, AUDIO: 50 * MIB } as const

/** Which files its API takes, unless the operator's own rules for this door say otherwise. */
export const cmsTypeRules: readonly TypeRule[] = [
  ...TAKEN.map((type): TypeRule => ({ door: 'cms', type, says: { isTaken: true } })),
  { door: 'cms', says: { isTaken: false } },
  ...(Object.keys(LARGEST) as (keyof typeof LARGEST)[]).map(
    (kind): TypeRule => ({ door: 'cms', kind, says: { maxSize: LARGEST[kind] } }),
  ),
]
