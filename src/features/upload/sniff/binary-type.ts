import { fileTypeFromBuffer } from 'file-type'
import { chooseByHint, type SniffedType, type TypeHints } from './sniffed-type.ts'

/** The registered names (IANA) of what the library calls otherwise. */
const registered: Readonly<Record<string, string>> = {
  'application/eps': 'application/postscript',
  'application/x-msdownload': 'application/vnd.microsoft.portable-executable',
  'application/x-rar-compressed': 'application/vnd.rar',
  'application/x-sqlite3': 'application/vnd.sqlite3',
  'audio/wav': 'audio/vnd.wave', // RFC 2361
  'audio/x-m4a': 'audio/mp4', // RFC 4337
  // Microsoft's own names, which everybody else uses.
  'audio/x-ms-asf': 'audio/x-ms-wma',
  'video/x-ms-asf': 'video/x-ms-wmv',
  'image/x-icon': 'image/vnd.microsoft.icon',
  'video/mp1s': 'video/mpeg',
  'video/mp2p': 'video/mpeg',
  'video/x-m4v': 'video/mp4',
}

const openXml = 'application/vnd.openxmlformats-officedocument'

/** Containers whose first bytes do not tell what is inside: a hint may choose, all of it passive. */
const ambiguous: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'application/x-cfb': {
    doc: 'application/msword',
    xls: 'application/vnd.ms-excel',
    ppt: 'application/vnd.ms-powerpoint',
    msg: 'application/vnd.ms-outlook',
  },
  'application/zip': {
    docx: `${openXml}.wordprocessingml.document`,
    xlsx: `${openXml}.spreadsheetml.sheet`,
    pptx: `${openXml}.presentationml.presentation`,
  },
  'video/mp4': { m4a: 'audio/mp4', m4b: 'audio/mp4' },
  'video/webm': { weba: 'audio/webm' },
  'video/matroska': { mka: 'audio/matroska' }, // RFC 9559
  'video/3gpp': { '3ga': 'audio/3gpp' },
  'application/vnd.ms-asf': { wmv: 'video/x-ms-wmv', wma: 'audio/x-ms-wma' },
  // The library tells its first stream, which may be the sound of a film.
  'audio/x-ms-wma': { wmv: 'video/x-ms-wmv' },
}

/** What the library calls by the container, although files of the type have an extension of their own. */
const usualExtension: Readonly<Record<string, string>> = { 'audio/x-ms-wma': 'wma', 'video/x-ms-wmv': 'wmv' }

/**
 * The type that the signature in a file's first bytes tells; null when none is known. Never rejects. The work is bounded by
 * the head: gzip is told by its magic number alone, so that nothing but a ZIP's own list of types is ever inflated (1 MiB at most).
 */
export async function binaryType(head: Uint8Array, hints: TypeHints): Promise<SniffedType | null> {
  if (startsWith(head, 0x1f, 0x8b, 0x08)) return { mimeType: 'application/gzip', extension: 'gz' }
  const found = await bySignature(head)
  if (!found) return null
  const { mimeType, extension } = found
  return (
    chooseByHint(ambiguous[mimeType] ?? {}, hints) ?? {
      mimeType,
      extension: extension === 'cfb' ? null : extension,
    }
  )
}

async function bySignature(head: Uint8Array): Promise<SniffedType | null> {
  // The library throws on some malformed input, and does not see a TIFF whose directory lies behind the head.
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  if (found) {
    const essence = found.mime.replace(/;.*$/s, '').trim().toLowerCase()
    const mimeType = registered[essence] ?? essence
    return { mimeType, extension: usualExtension[mimeType] ?? found.ext }
  }
  const isTiff = startsWith(head, 0x49, 0x49, 0x2a, 0x00) || startsWith(head, 0x4d, 0x4d, 0x00, 0x2a)
  return isTiff ? { mimeType: 'image/tiff', extension: 'tif' } : null
}

function startsWith(head: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, i) => head[i] === byte)
}
