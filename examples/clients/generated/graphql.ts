// Written by "npm run clients" from schema.graphql and the operations of the examples.
/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Bounds of a whole number; every given one must hold. */
export type BigIntFilter = {
  /** More than. */
  gt?: number | null | undefined;
  /** At least. */
  gte?: number | null | undefined;
  /** Less than. */
  lt?: number | null | undefined;
  /** At most. */
  lte?: number | null | undefined;
};

/** Bounds in time; every given one must hold. */
export type DateTimeFilter = {
  /** After. */
  gt?: string | null | undefined;
  /** At or after. */
  gte?: string | null | undefined;
  /** Before. */
  lt?: string | null | undefined;
  /** At or before. */
  lte?: string | null | undefined;
};

/** Which media to delete. */
export type DeleteMediaInput = {
  /** Any text; the payload gives it back. */
  clientMutationId?: string | null | undefined;
  /** The media. */
  id: string | number;
  /** The revision that the media must still have; if it has another one, nothing happens. Without it, any will do. */
  ifMatch?: string | null | undefined;
  /** Whether it goes at once and for good, without the trash; what lies in the trash goes as well. Nothing brings it back. */
  permanent?: boolean;
};

/** What becomes of a file whose content, byte for byte, the account has in a media that you may read; without media:read that is none. */
export const DuplicatePolicy = {
  /** It becomes another media, whose duplicateOf names the older one. */
  Keep: 'KEEP',
  /** It is refused, and a DuplicateContentError names the oldest media that has the content. */
  Refuse: 'REFUSE',
  /** The oldest media that has the content is the answer, as it is: nothing that the input says of the file is applied to it. */
  ReturnExisting: 'RETURN_EXISTING'
} as const;

export type DuplicatePolicy = typeof DuplicatePolicy[keyof typeof DuplicatePolicy];
/** A place on Earth, WGS 84. */
export type GeolocationInput = {
  /** Degrees north of the equator, -90 to 90. */
  latitude: number;
  /** Degrees east of Greenwich, -180 to 180. */
  longitude: number;
};

/** What has happened to a media. */
export const MediaEventType = {
  /** Its content has come: an import has ended well. */
  Completed: 'COMPLETED',
  /** The media is there, with its content; an import, still without. */
  Created: 'CREATED',
  /** It has left every list; its bytes go later. */
  Deleted: 'DELETED',
  /** Its time was over: it has left every list, and its bytes go later, or soon. */
  Expired: 'EXPIRED',
  /** Its content will not come; its statusReason says why. */
  Failed: 'FAILED',
  /** A legal hold was put on it. */
  Held: 'HELD',
  /** What can be known of its content is known, and its pictures are there, or a step has failed; its status says which. */
  Processed: 'PROCESSED',
  /** It went for good, and the last of its bytes are gone. */
  Purged: 'PURGED',
  /** Malware was found in a content of it, present or replaced, which is not delivered any more. */
  Quarantined: 'QUARANTINED',
  /** A legal hold on it was released. */
  Released: 'RELEASED',
  /** It has another content; what is said about it is the same. */
  Replaced: 'REPLACED',
  /** It was taken out of the trash, and is in every list again. */
  Restored: 'RESTORED',
  /** Something that is said about it was changed. */
  Updated: 'UPDATED'
} as const;

export type MediaEventType = typeof MediaEventType[keyof typeof MediaEventType];
/** Which media: every given part must hold. A list means "one of these"; nothing is one of none. At most 50 filters, 5 within each other, with 100 values a list and 500 in all. */
export type MediaFilter = {
  /** All of these; none at all is met by everything. */
  and?: Array<MediaFilter> | null | undefined;
  /** In one of these collections at least. */
  collectionId?: Array<string | number> | null | undefined;
  /** Of one of these conversations. */
  conversationId?: Array<string> | null | undefined;
  /** Time of the upload. */
  createdAt?: DateTimeFilter | null | undefined;
  /** true: the trash, of what you could delete; needs the scope media:delete. Otherwise what is not deleted. Stands in the outermost filter alone. */
  deleted?: boolean | null | undefined;
  /** Whether its time is over, and no legal hold keeps it. */
  expired?: boolean | null | undefined;
  /** Part of the name of the file as it was uploaded; case and accents do not count, wildcards have no meaning. */
  fileName?: string | null | undefined;
  /** Of one of these groups at least. */
  groupId?: Array<string> | null | undefined;
  /** One of these kinds. */
  kind?: Array<MediaKind> | null | undefined;
  /** One of these MIME types; "image/*" stands for the family. */
  mimeType?: Array<string> | null | undefined;
  /** Of one of these names, letter by letter. */
  name?: Array<string> | null | undefined;
  /** Not this. What has no value for a part does not meet that part. */
  not?: MediaFilter | null | undefined;
  /** At least one of these; none at all is met by nothing. */
  or?: Array<MediaFilter> | null | undefined;
  /** Of one of these owners, by the owner's id in your system. */
  ownerId?: Array<string | number> | null | undefined;
  /** Whether its content is delivered without credentials. */
  public?: boolean | null | undefined;
  /** Of whose present content the malware scan says one of these. */
  scan?: Array<ScanState> | null | undefined;
  /** Every word, and every "phrase in quotation marks", must occur in a name, title, text, tag or metadata, also within a word; case and accents do not count, wildcards have no meaning. At most 500 characters in all. */
  search?: string | null | undefined;
  /** With one of these contents: SHA-256 in hex. */
  sha256?: Array<string> | null | undefined;
  /** Size in bytes; one that is not known yet lies within no bounds. */
  size?: BigIntFilter | null | undefined;
  /** Made by one of these. */
  sourceType?: Array<string> | null | undefined;
  /** One of these statuses. */
  status?: Array<MediaStatus> | null | undefined;
  /** With one of these tags at least. */
  tag?: Array<string> | null | undefined;
  /** Time of the last change. */
  updatedAt?: DateTimeFilter | null | undefined;
};

/** What a media is, as a person would say it. */
export const MediaKind = {
  /** Sound alone. */
  Audio: 'AUDIO',
  /** Something to read: PDF, office files, text. */
  Document: 'DOCUMENT',
  /** Anything else. */
  File: 'FILE',
  /** A picture, animated or not, raster or vector. */
  Image: 'IMAGE',
  /** Moving pictures, with or without sound. */
  Video: 'VIDEO'
} as const;

export type MediaKind = typeof MediaKind[keyof typeof MediaKind];
/** What to order by, and which end comes first. */
export type MediaOrder = {
  /** Which end comes first. */
  direction?: SortDirection;
  /** What to order by. */
  field: MediaOrderField;
};

/** What media can be ordered by. Equal values are ordered by id. */
export const MediaOrderField = {
  /** Time of the upload. */
  CreatedAt: 'CREATED_AT',
  /** The name, by code point; media without a name come after all others. */
  Name: 'NAME',
  /** What the file was called where it came from, by code point. */
  OriginalFileName: 'ORIGINAL_FILE_NAME',
  /** Size in bytes; media whose size is not known yet come first. */
  Size: 'SIZE',
  /** The first 200 characters of the title, by code point; media without one come after all others. */
  Title: 'TITLE',
  /** Time of the last change. */
  UpdatedAt: 'UPDATED_AT'
} as const;

export type MediaOrderField = typeof MediaOrderField[keyof typeof MediaOrderField];
/** Where a media stands between its announcement and being fully understood. */
export const MediaStatus = {
  /** The bytes are there and what can be known of them is known. */
  Completed: 'COMPLETED',
  /** A step failed; statusReason says which and why. */
  Failed: 'FAILED',
  /** Announced; there are no bytes yet. */
  Pending: 'PENDING',
  /** The bytes are there and can be fetched; facts about them are being found out. */
  Processing: 'PROCESSING'
} as const;

export type MediaStatus = typeof MediaStatus[keyof typeof MediaStatus];
/** What the malware scan says of a content. Nothing but CLEAN means that it was looked at and nothing was found. */
export const ScanState = {
  /** The scanner has looked at all of it, and has found nothing that it knew then. */
  Clean: 'CLEAN',
  /** There is no verdict, and scanDetail says why. Whether it is delivered, the operator decides; reprocessing scans it again. */
  Error: 'ERROR',
  /** Malware was found; scanDetail names it. It is never delivered. */
  Infected: 'INFECTED',
  /** Nothing: it came when there was no scanner, and is delivered, or has not come yet. */
  NotConfigured: 'NOT_CONFIGURED',
  /** It waits for its scan. Whether it is delivered meanwhile, the operator decides. */
  Pending: 'PENDING'
} as const;

export type ScanState = typeof ScanState[keyof typeof ScanState];
/** Which end comes first. DESC is the exact mirror of ASC. */
export const SortDirection = {
  /** Smallest, oldest first. */
  Asc: 'ASC',
  /** Largest, newest first. */
  Desc: 'DESC'
} as const;

export type SortDirection = typeof SortDirection[keyof typeof SortDirection];
/** What to change. An absent field stays as it is; null clears it. */
export type UpdateMediaInput = {
  /** Tags to add behind those that it has; not together with tags. */
  addTags?: Array<string> | null | undefined;
  /** What a picture shows; at most 2 000 characters. */
  altText?: string | null | undefined;
  /** Cache-Control to deliver its content with. */
  cacheControl?: string | null | undefined;
  /** Any text; the payload gives it back. */
  clientMutationId?: string | null | undefined;
  /** The conversation that it belongs to; at most 200 characters. */
  conversationId?: string | null | undefined;
  /** Description for people; at most 10 000 characters. */
  description?: string | null | undefined;
  /** When it shall expire, in the future; null: it shall not. Either is stronger than the operator's rules. To let a media end sooner than it would needs the scope media:delete. */
  expiresAt?: string | null | undefined;
  /** Where it was made. */
  geolocation?: GeolocationInput | null | undefined;
  /** Groups that it belongs to; at most 100. */
  groupIds?: Array<string> | null | undefined;
  /** The media. */
  id: string | number;
  /** The revision that the media must still have; if it has another one, nothing happens. Without it, any will do. */
  ifMatch?: string | null | undefined;
  /** How many downloads are allowed; 0 = any number. */
  maxDownloads?: number | null | undefined;
  /** Structured data of yours; at most 64 KiB of JSON, nested at most 100 deep. */
  metadata?: Record<string, unknown> | null | undefined;
  /** Free text of yours; at most 10 000 characters. */
  metadataPrimary?: string | null | undefined;
  /** More free text of yours; at most 10 000 characters. */
  metadataSecondary?: string | null | undefined;
  /** Name of your choice, unique in the account; at most 512 characters. */
  name?: string | null | undefined;
  /** Whether its content is delivered without credentials. */
  public?: boolean | null | undefined;
  /** Tags to take away, if it has them; not together with tags. */
  removeTags?: Array<string> | null | undefined;
  /** What made it: "snapshot", "recording" …; at most 64 characters. */
  sourceType?: string | null | undefined;
  /** At most 100 tags of at most 100 characters. */
  tags?: Array<string> | null | undefined;
  /** Title for people; at most 1 000 characters. */
  title?: string | null | undefined;
};

/** A file and what is said about it. */
export type UploadMediaInput = {
  /** What a picture shows; at most 2 000 characters. */
  altText?: string | null | undefined;
  /** Cache-Control to deliver its content with. */
  cacheControl?: string | null | undefined;
  /** Any text; the payload gives it back. */
  clientMutationId?: string | null | undefined;
  /** The conversation that it belongs to; at most 200 characters. */
  conversationId?: string | null | undefined;
  /** Description for people; at most 10 000 characters. */
  description?: string | null | undefined;
  /** When it shall expire, in the future; null: it shall not. Either is stronger than the operator's rules. To let a media end sooner than it would needs the scope media:delete. */
  expiresAt?: string | null | undefined;
  /** The file, as a part of a multipart request. */
  file: File | Blob;
  /** Where it was made. */
  geolocation?: GeolocationInput | null | undefined;
  /** Groups that it belongs to; at most 100. */
  groupIds?: Array<string> | null | undefined;
  /** Any text of up to 255 printable ASCII characters, new for each new request: sent again within 24 hours, the request is not carried out twice, and its answer names the same result. */
  idempotencyKey?: string | null | undefined;
  /** How many downloads are allowed; 0 = any number. */
  maxDownloads?: number | null | undefined;
  /** Structured data of yours; at most 64 KiB of JSON, nested at most 100 deep. */
  metadata?: Record<string, unknown> | null | undefined;
  /** Free text of yours; at most 10 000 characters. */
  metadataPrimary?: string | null | undefined;
  /** More free text of yours; at most 10 000 characters. */
  metadataSecondary?: string | null | undefined;
  /** Name of your choice, unique in the account; at most 512 characters. */
  name?: string | null | undefined;
  /** What becomes of it if a media that you may read has the same content; KEEP without it. */
  onDuplicate?: DuplicatePolicy | null | undefined;
  /** Whether its content is delivered without credentials. */
  public?: boolean | null | undefined;
  /** What made it: "snapshot", "recording" …; at most 64 characters. */
  sourceType?: string | null | undefined;
  /** The store that the bytes shall lie in, one of those that the operator offers; without it, the operator's rules decide. */
  storeId?: string | null | undefined;
  /** At most 100 tags of at most 100 characters. */
  tags?: Array<string> | null | undefined;
  /** Title for people; at most 1 000 characters. */
  title?: string | null | undefined;
};

export type MediaCardFragment = { id: string, originalFileName: string, title: string | null, kind: MediaKind, mimeType: string, size: number | null, url: string | null, thumbnailUrl: string | null, tags: Array<string>, placeholder: { dataUri: string } | null };

export type LibraryQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: MediaFilter | null | undefined;
  orderBy?: MediaOrder | null | undefined;
}>;


export type LibraryQuery = { mediaItems: { edges: Array<{ cursor: string, node: { id: string, originalFileName: string, title: string | null, kind: MediaKind, mimeType: string, size: number | null, url: string | null, thumbnailUrl: string | null, tags: Array<string>, placeholder: { dataUri: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null, hasPreviousPage: boolean, startCursor: string | null } } };

export type UploadMutationVariables = Exact<{
  input: UploadMediaInput;
}>;


export type UploadMutation = { uploadMedia: { media: { id: string, originalFileName: string, title: string | null, kind: MediaKind, mimeType: string, size: number | null, url: string | null, thumbnailUrl: string | null, tags: Array<string>, placeholder: { dataUri: string } | null } | null, userErrors: Array<
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
    > } };

export type UpdateMutationVariables = Exact<{
  input: UpdateMediaInput;
}>;


export type UpdateMutation = { updateMedia: { media: { id: string, originalFileName: string, title: string | null, kind: MediaKind, mimeType: string, size: number | null, url: string | null, thumbnailUrl: string | null, tags: Array<string>, placeholder: { dataUri: string } | null } | null, userErrors: Array<
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
    > } };

export type DeleteMutationVariables = Exact<{
  input: DeleteMediaInput;
}>;


export type DeleteMutation = { deleteMedia: { deletedMediaId: string | null, userErrors: Array<
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
      | { code: string, message: string, field: Array<string> | null }
    > } };

export type EventsSubscriptionVariables = Exact<{
  filter?: MediaFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type EventsSubscription = { mediaEvents: { id: string, cursor: string, type: MediaEventType, mediaId: string, media: { id: string, originalFileName: string, title: string | null, kind: MediaKind, mimeType: string, size: number | null, url: string | null, thumbnailUrl: string | null, tags: Array<string>, placeholder: { dataUri: string } | null } | null } };

export const MediaCardFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MediaCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Media"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"originalFileName"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"mimeType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"thumbnailUrl"}},{"kind":"Field","name":{"kind":"Name","value":"placeholder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataUri"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"}}]}}]} as unknown as DocumentNode<MediaCardFragment, unknown>;
export const LibraryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Library"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MediaFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MediaOrder"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"mediaItems"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MediaCard"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MediaCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Media"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"originalFileName"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"mimeType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"thumbnailUrl"}},{"kind":"Field","name":{"kind":"Name","value":"placeholder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataUri"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"}}]}}]} as unknown as DocumentNode<LibraryQuery, LibraryQueryVariables>;
export const UploadDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Upload"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UploadMediaInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uploadMedia"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"media"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MediaCard"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MediaCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Media"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"originalFileName"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"mimeType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"thumbnailUrl"}},{"kind":"Field","name":{"kind":"Name","value":"placeholder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataUri"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"}}]}}]} as unknown as DocumentNode<UploadMutation, UploadMutationVariables>;
export const UpdateDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Update"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateMediaInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateMedia"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"media"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MediaCard"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MediaCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Media"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"originalFileName"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"mimeType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"thumbnailUrl"}},{"kind":"Field","name":{"kind":"Name","value":"placeholder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataUri"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"}}]}}]} as unknown as DocumentNode<UpdateMutation, UpdateMutationVariables>;
export const DeleteDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Delete"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteMediaInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteMedia"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedMediaId"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteMutation, DeleteMutationVariables>;
export const EventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Events"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MediaFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"mediaEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"mediaId"}},{"kind":"Field","name":{"kind":"Name","value":"media"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MediaCard"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MediaCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Media"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"originalFileName"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"mimeType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"thumbnailUrl"}},{"kind":"Field","name":{"kind":"Name","value":"placeholder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataUri"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"}}]}}]} as unknown as DocumentNode<EventsSubscription, EventsSubscriptionVariables>;