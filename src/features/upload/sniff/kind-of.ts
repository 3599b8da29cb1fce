import type { MediaKind } from '../../media/media-kind.ts'

/**
 * How types begin, kind by kind; the first that fits wins. A DOCUMENT is what a person reads: PDF, office files, books, plain
 * text, tables and markdown. Data, mark-up, mail stores, programs and archives are FILE, and so is what nobody recognises.
 */
const beginnings = {
  IMAGE: ['image/'],
  VIDEO: ['video/', 'application/mxf', 'application/vnd.ms-asf', 'application/vnd.rn-realmedia'],
  AUDIO: ['audio/'],
  DOCUMENT: [
    'application/pdf',
    'application/postscript',
    'application/rtf',
    'application/msword',
    'application/vnd.ms-word',
    'application/vnd.ms-excel',
    'application/vnd.ms-powerpoint',
    'application/vnd.openxmlformats-officedocument.',
    'application/vnd.oasis.opendocument.',
    'application/vnd.visio',
    'application/vnd.apple.keynote',
    'application/vnd.apple.numbers',
    'application/vnd.apple.pages',
    'application/epub+zip',
    'application/x-mobipocket-ebook',
    'text/plain',
    'text/csv',
    'text/tab-separated-values',
    'text/markdown',
  ],
  FILE: [''],
} as const satisfies Record<MediaKind, readonly string[]>

/** The kind of a media of that true type, as `sniffType` names it. */
export function kindOf(mimeType: string): MediaKind {
  const kinds = Object.keys(beginnings) as MediaKind[]
  return kinds.find(kind => beginnings[kind].some(beginning => mimeType.startsWith(beginning))) ?? 'FILE'
}
