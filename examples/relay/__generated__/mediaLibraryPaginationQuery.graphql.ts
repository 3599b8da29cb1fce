/**
 * @generated SignedSource<<ee390347c9c5e1f3935bb3b680966d6e>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type MediaKind = "AUDIO" | "DOCUMENT" | "FILE" | "IMAGE" | "VIDEO";
export type MediaStatus = "COMPLETED" | "FAILED" | "PENDING" | "PROCESSING";
export type ScanState = "CLEAN" | "ERROR" | "INFECTED" | "NOT_CONFIGURED" | "PENDING";
export type MediaFilter = {
  and?: ReadonlyArray<MediaFilter> | null | undefined;
  collectionId?: ReadonlyArray<string> | null | undefined;
  conversationId?: ReadonlyArray<string> | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  deleted?: boolean | null | undefined;
  expired?: boolean | null | undefined;
  fileName?: string | null | undefined;
  groupId?: ReadonlyArray<string> | null | undefined;
  kind?: ReadonlyArray<MediaKind> | null | undefined;
  mimeType?: ReadonlyArray<string> | null | undefined;
  name?: ReadonlyArray<string> | null | undefined;
  not?: MediaFilter | null | undefined;
  or?: ReadonlyArray<MediaFilter> | null | undefined;
  ownerId?: ReadonlyArray<string> | null | undefined;
  public?: boolean | null | undefined;
  scan?: ReadonlyArray<ScanState> | null | undefined;
  search?: string | null | undefined;
  sha256?: ReadonlyArray<string> | null | undefined;
  size?: BigIntFilter | null | undefined;
  sourceType?: ReadonlyArray<string> | null | undefined;
  status?: ReadonlyArray<MediaStatus> | null | undefined;
  tag?: ReadonlyArray<string> | null | undefined;
  updatedAt?: DateTimeFilter | null | undefined;
};
export type DateTimeFilter = {
  gt?: string | null | undefined;
  gte?: string | null | undefined;
  lt?: string | null | undefined;
  lte?: string | null | undefined;
};
export type BigIntFilter = {
  gt?: number | null | undefined;
  gte?: number | null | undefined;
  lt?: number | null | undefined;
  lte?: number | null | undefined;
};
export type mediaLibraryPaginationQuery$variables = {
  after?: string | null | undefined;
  filter?: MediaFilter | null | undefined;
  first?: number | null | undefined;
};
export type mediaLibraryPaginationQuery$data = {
  readonly " $fragmentSpreads": FragmentRefs<"mediaLibrary_query">;
};
export type mediaLibraryPaginationQuery = {
  response: mediaLibraryPaginationQuery$data;
  variables: mediaLibraryPaginationQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "after"
  },
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "filter"
  },
  {
    "defaultValue": 20,
    "kind": "LocalArgument",
    "name": "first"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "after",
    "variableName": "after"
  },
  {
    "kind": "Variable",
    "name": "filter",
    "variableName": "filter"
  },
  {
    "kind": "Variable",
    "name": "first",
    "variableName": "first"
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "mediaLibraryPaginationQuery",
    "selections": [
      {
        "args": (v1/*:: as any*/),
        "kind": "FragmentSpread",
        "name": "mediaLibrary_query"
      }
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "mediaLibraryPaginationQuery",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "MediaConnection",
        "kind": "LinkedField",
        "name": "mediaItems",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "MediaEdge",
            "kind": "LinkedField",
            "name": "edges",
            "plural": true,
            "selections": [
              {
                "alias": null,
                "args": null,
                "concreteType": "Media",
                "kind": "LinkedField",
                "name": "node",
                "plural": false,
                "selections": [
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "id",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "originalFileName",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "title",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "kind",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "size",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "url",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "thumbnailUrl",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "concreteType": "Placeholder",
                    "kind": "LinkedField",
                    "name": "placeholder",
                    "plural": false,
                    "selections": [
                      {
                        "alias": null,
                        "args": null,
                        "kind": "ScalarField",
                        "name": "dataUri",
                        "storageKey": null
                      }
                    ],
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "__typename",
                    "storageKey": null
                  }
                ],
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "cursor",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "PageInfo",
            "kind": "LinkedField",
            "name": "pageInfo",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "hasNextPage",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "endCursor",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "kind": "ClientExtension",
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "__id",
                "storageKey": null
              }
            ]
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "filters": [
          "filter"
        ],
        "handle": "connection",
        "key": "mediaLibrary_mediaItems",
        "kind": "LinkedHandle",
        "name": "mediaItems"
      }
    ]
  },
  "params": {
    "cacheID": "46d50044b25e344db06c04dbc4ed3c4d",
    "id": null,
    "metadata": {},
    "name": "mediaLibraryPaginationQuery",
    "operationKind": "query",
    "text": "query mediaLibraryPaginationQuery(\n  $after: String\n  $filter: MediaFilter\n  $first: Int = 20\n) {\n  ...mediaLibrary_query_G9cLv\n}\n\nfragment mediaLibrary_media on Media {\n  id\n  originalFileName\n  title\n  kind\n  size\n  url\n  thumbnailUrl\n  placeholder {\n    dataUri\n  }\n}\n\nfragment mediaLibrary_query_G9cLv on Query {\n  mediaItems(first: $first, after: $after, filter: $filter) {\n    edges {\n      node {\n        ...mediaLibrary_media\n        id\n        __typename\n      }\n      cursor\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "331682334dbd2e4bb44067f66e82898f";

export default node;
