/** The true type of a file. */
export interface SniffedType {
  /** `type/subtype`, lower case, without parameters; the registered name where there is one. */
  readonly mimeType: string
  /** The usual extension, lower case, without a dot; null where nothing is known. */
  readonly extension: string | null
}

/** What the uploader said. It is never believed: it only chooses among types that the bytes leave open. */
export interface TypeHints {
  readonly fileName?: string | null
  readonly declaredType?: string | null
}

/** For what nothing recognises, and for an empty file. */
export const unknownType: SniffedType = { mimeType: 'application/octet-stream', extension: null }

/** Picks, among types that the bytes leave open, by the name's extension, then by the declared type. */
export function chooseByHint(open: Readonly<Record<string, string>>, hints: TypeHints): SniffedType | null {
  const extension = /\.([a-z0-9]{1,10})$/.exec(hints.fileName?.toLowerCase() ?? '')?.[1]
  const byName = extension !== undefined && Object.hasOwn(open, extension) ? open[extension] : undefined
  if (extension !== undefined && byName !== undefined) return { mimeType: byName, extension }
  const declared = hints.declaredType?.split(';')[0]?.trim().toLowerCase()
  const byType = Object.entries(open).find(([, mimeType]) => mimeType === declared)
  return byType ? { mimeType: byType[1], extension: byType[0] } : null
}
