import type { Promises } from '../promise.ts'
import { ACCESS } from './promises/access.ts'
import { BEYOND } from './promises/beyond.ts'
import { CHANGE } from './promises/change.ts'
import { ITEM } from './promises/item.ts'
import { LIST } from './promises/list.ts'

/** Of the Vonage Media API, v3. */
export const PROMISES = {
  ...ACCESS,
  ...LIST,
  ...ITEM,
  ...CHANGE,
  ...BEYOND,
} as const satisfies Promises<'VONAGE'>
