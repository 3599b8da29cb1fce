/**
 * The revision of a media: opaque to clients, another one after each change of what is said about it or of its content. Counting a
 * download is no change. `version` comes from the database's row, read in the same statement as what is shown with it.
 */
export const revisionOf = ({ version }: { readonly version?: number }): string => `r${version}`
