import { registerEnumType } from 'type-graphql'
import { MediaOrderField, SortDirection } from './media.order.ts'
import { MediaKind, MediaStatus, ScanState } from './media-kind.ts'

registerEnumType(MediaKind, {
  name: 'MediaKind',
  description: 'What a media is, as a person would say it.',
  valuesConfig: {
    IMAGE: { description: 'A picture, animated or not, raster or vector.' },
    VIDEO: { description: 'Moving pictures, with or without sound.' },
    AUDIO: { description: 'Sound alone.' },
    DOCUMENT: { description: 'Something to read: PDF, office files, text.' },
    FILE: { description: 'Anything else.' },
  },
})

registerEnumType(MediaStatus, {
  name: 'MediaStatus',
  description: 'Where a media stands between its announcement and being fully understood.',
  valuesConfig: {
    PENDING: { description: 'Announced; there are no bytes yet.' },
    PROCESSING: {
      description: 'The bytes are there and can be fetched; facts about them are being found out.',
    },
    COMPLETED: { description: 'The bytes are there and what can be known of them is known.' },
    FAILED: { description: 'A step failed; statusReason says which and why.' },
  },
})

registerEnumType(ScanState, {
  name: 'ScanState',
  description:
    'What the malware scan says of a content. Nothing but CLEAN means that it was looked at and nothing was found.',
  valuesConfig: {
    NOT_CONFIGURED: {
      description: 'Nothing: it came when there was no scanner, and is delivered, or has not come yet.',
    },
    PENDING: {
      description: 'It waits for its scan. Whether it is delivered meanwhile, the operator decides.',
    },
    CLEAN: { description: 'The scanner has looked at all of it, and has found nothing that it knew then.' },
    INFECTED: { description: 'Malware was found; scanDetail names it. It is never delivered.' },
    ERROR: {
      description:
        'There is no verdict, and scanDetail says why. Whether it is delivered, the operator decides; reprocessing scans it again.',
    },
  },
})

registerEnumType(MediaOrderField, {
  name: 'MediaOrderField',
  description: 'What media can be ordered by. Equal values are ordered by id.',
  valuesConfig: {
    CREATED_AT: { description: 'Time of the upload.' },
    UPDATED_AT: { description: 'Time of the last change.' },
    NAME: { description: 'The name, by code point; media without a name come after all others.' },
    ORIGINAL_FILE_NAME: { description: 'What the file was called where it came from, by code point.' },
    TITLE: {
      description:
        'The first 200 characters of the title, by code point; media without one come after all others.',
    },
    SIZE: { description: 'Size in bytes; media whose size is not known yet come first.' },
  },
})

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'Which end comes first. DESC is the exact mirror of ASC.',
  valuesConfig: {
    ASC: { description: 'Smallest, oldest first.' },
    DESC: { description: 'Largest, newest first.' },
  },
})

export { MediaKind, MediaOrderField, MediaStatus, ScanState, SortDirection }
