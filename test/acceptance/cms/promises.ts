import type { Promises } from '../promise.ts'
import { PRACTICE } from './promises/practice.ts'
import { READ } from './promises/read.ts'
import { WRITE } from './promises/write.ts'

/** Of the media of Contentive, a CMS. */
export const PROMISES = { ...READ, ...WRITE, ...PRACTICE } as const satisfies Promises<'CMS'>
