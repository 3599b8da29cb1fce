import type { Promises } from '../promise.ts'
import { BEYOND } from './promises/beyond.ts'
import { CHANGE } from './promises/change.ts'
import { ITEM } from './promises/item.ts'
import { LIST } from './promises/list.ts'
import { USE } from './promises/use.ts'

/** Of the medias of Apizee’s platform, v3. */
export const PROMISES = {
  ...LIST,
  ...ITEM,
  ...CHANGE,
  ...USE,
  ...BEYOND,
} as const satisfies Promises<'APIZEE'>
