/** What is promised to clients of an API that the gateway also speaks. */
export interface ApiPromise {
  /** The line of the API's documentation, word for word, with line ends as spaces; `…` stands for what is left out. Empty where it has none. */
  readonly quote: string
  /** What a client observes at the gateway, in one sentence. */
  readonly means: string
  /** What a published client or specification says beyond the line. */
  readonly note?: string
}

/** The APIs, as the ids of their promises begin; their folders have the same names in small letters. */
export type System = 'VONAGE' | 'BANDWIDTH' | 'CMS' | 'APIZEE'

/**
 * Promises by id: system, group, number. An id is never given to another promise; a group is in one file, where the compiler sees that no id is
 * there twice. The test of a `BOTH` shows both forms at which documentation and clients differ; `OURS` is promised beyond the documentation.
 */
export type Promises<S extends System = System> = Readonly<
  Record<`${S}-${Uppercase<string>}-${number}`, ApiPromise>
>
