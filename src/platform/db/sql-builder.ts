/** A piece of SQL: text with no value in it. */
export type SqlText = string

/** Collects parameters while a statement is put together, so that a value never becomes part of the text. */
export class SqlParameters {
  readonly values: unknown[] = []

  /** The placeholder of a value: `$3`, with a cast where PostgreSQL cannot tell the type. */
  add(value: unknown, cast?: string): SqlText {
    this.values.push(value)
    return cast ? `$${this.values.length}::${cast}` : `$${this.values.length}`
  }
}

/** `%text%` for LIKE with the wildcards of the text taken literally. */
export const likePattern = (text: string): string => `%${text.replace(/[\\%_]/g, match => `\\${match}`)}%`
