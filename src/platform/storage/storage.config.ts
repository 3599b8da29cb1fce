import type { ConfigTable, Parsed } from '../config.ts'
import { checkStorageUrl } from './storage-url.ts'

function storageUrl(input: string): Parsed<string> {
  try {
    checkStorageUrl(input)
    return { value: input }
  } catch (error) {
    return { allowed: error instanceof Error ? error.message : String(error) }
  }
}

export const storageConfig = {
  STORAGE_URL: {
    default: undefined as string | undefined,
    defaultText: '`file:DATA_DIR/files`',
    about:
      'Where the bytes lie: `file:PATH`, `s3://BUCKET/PREFIX?endpoint=URL` (see the README), or `memory:` for a demonstration that forgets.',
    parse: storageUrl,
  },
} satisfies ConfigTable
