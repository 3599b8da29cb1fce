/**
 * @generated SignedSource<<af970bc96aa91448f226aa4526e75305>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type DuplicatePolicy = "KEEP" | "REFUSE" | "RETURN_EXISTING";
export type UploadMediaInput = {
  altText?: string | null | undefined;
  cacheControl?: string | null | undefined;
  clientMutationId?: string | null | undefined;
  conversationId?: string | null | undefined;
  description?: string | null | undefined;
  expiresAt?: string | null | undefined;
  file: null;
  geolocation?: GeolocationInput | null | undefined;
  groupIds?: ReadonlyArray<string> | null | undefined;
  idempotencyKey?: string | null | undefined;
  maxDownloads?: number | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  metadataPrimary?: string | null | undefined;
  metadataSecondary?: string | null | undefined;
  name?: string | null | undefined;
  onDuplicate?: DuplicatePolicy | null | undefined;
  public?: boolean | null | undefined;
  sourceType?: string | null | undefined;
  storeId?: string | null | undefined;
  tags?: ReadonlyArray<string> | null | undefined;
  title?: string | null | undefined;
};
export type GeolocationInput = {
  latitude: number;
  longitude: number;
};
export type mediaLibraryUploadMutation$variables = {
  connections: ReadonlyArray<string>;
  input: UploadMediaInput;
};
export type mediaLibraryUploadMutation$data = {
  readonly uploadMedia: {
    readonly media: {
      readonly " $fragmentSpreads": FragmentRefs<"mediaLibrary_media">;
    } | null | undefined;
    readonly userErrors: ReadonlyArray<{
      readonly code: string;
      readonly field: ReadonlyArray<string> | null | undefined;
      readonly message: string;
    }>;
  };
};
export type mediaLibraryUploadMutation = {
  response: mediaLibraryUploadMutation$data;
  variables: mediaLibraryUploadMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "connections"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "input"
},
v2 = [
  {
    "kind": "Variable",
    "name": "input",
    "variableName": "input"
  }
],
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "code",
  "storageKey": null
},
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "message",
  "storageKey": null
},
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "field",
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
    "name": "mediaLibraryUploadMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "UploadMediaPayload",
        "kind": "LinkedField",
        "name": "uploadMedia",
        "plural": false,
        "selections": [
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
          },
          {
            "alias": null,
            "args": null,
            "concreteType": null,
            "kind": "LinkedField",
            "name": "userErrors",
            "plural": true,
            "selections": [
              (v3/*:: as any*/),
              (v4/*:: as any*/),
              (v5/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "mediaLibraryUploadMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "UploadMediaPayload",
        "kind": "LinkedField",
        "name": "uploadMedia",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Media",
            "kind": "LinkedField",
            "name": "media",
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
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "filters": null,
            "handle": "prependNode",
            "key": "",
            "kind": "LinkedHandle",
            "name": "media",
            "handleArgs": [
              {
                "kind": "Variable",
                "name": "connections",
                "variableName": "connections"
              },
              {
                "kind": "Literal",
                "name": "edgeTypeName",
                "value": "MediaEdge"
              }
            ]
          },
          {
            "alias": null,
            "args": null,
            "concreteType": null,
            "kind": "LinkedField",
            "name": "userErrors",
            "plural": true,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "__typename",
                "storageKey": null
              },
              (v3/*:: as any*/),
              (v4/*:: as any*/),
              (v5/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "819c46d08c8538c271b9b7eaf279e71f",
    "id": null,
    "metadata": {},
    "name": "mediaLibraryUploadMutation",
    "operationKind": "mutation",
    "text": "mutation mediaLibraryUploadMutation(\n  $input: UploadMediaInput!\n) {\n  uploadMedia(input: $input) {\n    media {\n      ...mediaLibrary_media\n      id\n    }\n    userErrors {\n      __typename\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment mediaLibrary_media on Media {\n  id\n  originalFileName\n  title\n  kind\n  size\n  url\n  thumbnailUrl\n  placeholder {\n    dataUri\n  }\n}\n"
  }
};
})();

(node as any).hash = "b545ecd081ce32ae1b3b4f3fcbdac423";

export default node;
