// Written by "npm run clients" from schema.graphql and the operations of the examples.
/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment MediaCard on Media { id originalFileName title kind mimeType size url thumbnailUrl placeholder { dataUri } tags }\n": typeof types.MediaCardFragmentDoc,
    "\n  query Library($first: Int, $after: String, $filter: MediaFilter, $orderBy: MediaOrder) {\n    mediaItems(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {\n      edges { cursor node { ...MediaCard } }\n      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }\n    }\n  }\n": typeof types.LibraryDocument,
    "\n  mutation Upload($input: UploadMediaInput!) {\n    uploadMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n": typeof types.UploadDocument,
    "\n  mutation Update($input: UpdateMediaInput!) {\n    updateMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n": typeof types.UpdateDocument,
    "\n  mutation Delete($input: DeleteMediaInput!) {\n    deleteMedia(input: $input) {\n      deletedMediaId\n      userErrors { code message field }\n    }\n  }\n": typeof types.DeleteDocument,
    "\n  subscription Events($filter: MediaFilter, $after: String) {\n    mediaEvents(filter: $filter, after: $after) {\n      id\n      cursor\n      type\n      mediaId\n      media { ...MediaCard }\n    }\n  }\n": typeof types.EventsDocument,
};
const documents: Documents = {
    "\n  fragment MediaCard on Media { id originalFileName title kind mimeType size url thumbnailUrl placeholder { dataUri } tags }\n": types.MediaCardFragmentDoc,
    "\n  query Library($first: Int, $after: String, $filter: MediaFilter, $orderBy: MediaOrder) {\n    mediaItems(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {\n      edges { cursor node { ...MediaCard } }\n      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }\n    }\n  }\n": types.LibraryDocument,
    "\n  mutation Upload($input: UploadMediaInput!) {\n    uploadMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n": types.UploadDocument,
    "\n  mutation Update($input: UpdateMediaInput!) {\n    updateMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n": types.UpdateDocument,
    "\n  mutation Delete($input: DeleteMediaInput!) {\n    deleteMedia(input: $input) {\n      deletedMediaId\n      userErrors { code message field }\n    }\n  }\n": types.DeleteDocument,
    "\n  subscription Events($filter: MediaFilter, $after: String) {\n    mediaEvents(filter: $filter, after: $after) {\n      id\n      cursor\n      type\n      mediaId\n      media { ...MediaCard }\n    }\n  }\n": types.EventsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MediaCard on Media { id originalFileName title kind mimeType size url thumbnailUrl placeholder { dataUri } tags }\n"): (typeof documents)["\n  fragment MediaCard on Media { id originalFileName title kind mimeType size url thumbnailUrl placeholder { dataUri } tags }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Library($first: Int, $after: String, $filter: MediaFilter, $orderBy: MediaOrder) {\n    mediaItems(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {\n      edges { cursor node { ...MediaCard } }\n      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }\n    }\n  }\n"): (typeof documents)["\n  query Library($first: Int, $after: String, $filter: MediaFilter, $orderBy: MediaOrder) {\n    mediaItems(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {\n      edges { cursor node { ...MediaCard } }\n      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Upload($input: UploadMediaInput!) {\n    uploadMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation Upload($input: UploadMediaInput!) {\n    uploadMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Update($input: UpdateMediaInput!) {\n    updateMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation Update($input: UpdateMediaInput!) {\n    updateMedia(input: $input) {\n      media { ...MediaCard }\n      userErrors { code message field }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Delete($input: DeleteMediaInput!) {\n    deleteMedia(input: $input) {\n      deletedMediaId\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation Delete($input: DeleteMediaInput!) {\n    deleteMedia(input: $input) {\n      deletedMediaId\n      userErrors { code message field }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Events($filter: MediaFilter, $after: String) {\n    mediaEvents(filter: $filter, after: $after) {\n      id\n      cursor\n      type\n      mediaId\n      media { ...MediaCard }\n    }\n  }\n"): (typeof documents)["\n  subscription Events($filter: MediaFilter, $after: String) {\n    mediaEvents(filter: $filter, after: $after) {\n      id\n      cursor\n      type\n      mediaId\n      media { ...MediaCard }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;