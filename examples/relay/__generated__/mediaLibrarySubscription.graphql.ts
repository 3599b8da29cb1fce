/**
 * @generated SignedSource<<aa2669e3f4be26e8952cb7e8f9cb34cc>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type MediaEventType = "COMPLETED" | "CREATED" | "DELETED" | "EXPIRED" | "FAILED" | "HELD" | "PROCESSED" | "PURGED" | "QUARANTINED" | "RELEASED" | "REPLACED" | "RESTORED" | "UPDATED";
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
export type mediaLibrarySubscription$variables = {
  after?: string | null | undefined;
  filter?: MediaFilter | null | undefined;
};
export type mediaLibrarySubscription$data = {
  readonly mediaEvents: {
    readonly cursor: string;
    readonly media: {
      readonly " $fragmentSpreads": FragmentRefs<"mediaLibrary_media">;
    } | null | undefined;
    readonly mediaId: string;
    readonly type: MediaEventType;
  };
};
export type mediaLibrarySubscription = {
  response: mediaLibrarySubscription$data;
  variables: mediaLibrarySubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "after"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "filter"
},
v2 = [
  {
    "kind": "Variable",
    "name": "after",
    "variableName": "after"
  },
  {
    "kind": "Variable",
    "name": "filter",
    "variableName": "filter"
  }
],
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "cursor",
  "storageKey": null
},
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "type",
  "storageKey": null
},
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "mediaId",
  "storageKey": null
},
v6 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "mediaLibrarySubscription",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "MediaEvent",
        "kind": "LinkedField",
        "name": "mediaEvents",
        "plural": false,
        "selections": [
          (v3/*:: as any*/),
          (v4/*:: as any*/),
          (v5/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Media",
            "kind": "LinkedField",
            "name": "media",
            "plural": false,
            "selections": [
              {
                "args": null,
                "kind": "FragmentSpread",
                "name": "mediaLibrary_media"
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "mediaLibrarySubscription",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "MediaEvent",
        "kind": "LinkedField",
        "name": "mediaEvents",
        "plural": false,
        "selections": [
          (v3/*:: as any*/),
          (v4/*:: as any*/),
          (v5/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Media",
            "kind": "LinkedField",
            "name": "media",
            "plural": false,
            "selections": [
              (v6/*:: as any*/),
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
              }
            ],
            "storageKey": null
          },
          (v6/*:: as any*/)
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "7a0e0732bad15bffb6fef2e5e0e90d3b",
    "id": null,
    "metadata": {},
    "name": "mediaLibrarySubscription",
    "operationKind": "subscription",
    "text": "subscription mediaLibrarySubscription(\n  $filter: MediaFilter\n  $after: String\n) {\n  mediaEvents(filter: $filter, after: $after) {\n    cursor\n    type\n    mediaId\n    media {\n      ...mediaLibrary_media\n      id\n    }\n    id\n  }\n}\n\nfragment mediaLibrary_media on Media {\n  id\n  originalFileName\n  title\n  kind\n  size\n  url\n  thumbnailUrl\n  placeholder {\n    dataUri\n  }\n}\n"
  }
};
})();

(node as any).hash = "aeb72281baac011a2564d3012a386299";

export default node;
