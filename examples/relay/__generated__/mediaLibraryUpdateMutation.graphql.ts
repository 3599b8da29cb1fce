/**
 * @generated SignedSource<<3ab8732f96aa30a4ffb4c2aba2bf6c14>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type UpdateMediaInput = {
  addTags?: ReadonlyArray<string> | null | undefined;
  altText?: string | null | undefined;
  cacheControl?: string | null | undefined;
  clientMutationId?: string | null | undefined;
  conversationId?: string | null | undefined;
  description?: string | null | undefined;
  expiresAt?: string | null | undefined;
  geolocation?: GeolocationInput | null | undefined;
  groupIds?: ReadonlyArray<string> | null | undefined;
  id: string;
  ifMatch?: string | null | undefined;
  maxDownloads?: number | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  metadataPrimary?: string | null | undefined;
  metadataSecondary?: string | null | undefined;
  name?: string | null | undefined;
  public?: boolean | null | undefined;
  removeTags?: ReadonlyArray<string> | null | undefined;
  sourceType?: string | null | undefined;
  tags?: ReadonlyArray<string> | null | undefined;
  title?: string | null | undefined;
};
export type GeolocationInput = {
  latitude: number;
  longitude: number;
};
export type mediaLibraryUpdateMutation$variables = {
  input: UpdateMediaInput;
};
export type mediaLibraryUpdateMutation$data = {
  readonly updateMedia: {
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
export type mediaLibraryUpdateMutation = {
  response: mediaLibraryUpdateMutation$data;
  variables: mediaLibraryUpdateMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "input",
    "variableName": "input"
  }
],
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "code",
  "storageKey": null
},
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "message",
  "storageKey": null
},
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "field",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "mediaLibraryUpdateMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "UpdateMediaPayload",
        "kind": "LinkedField",
        "name": "updateMedia",
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
              (v2/*:: as any*/),
              (v3/*:: as any*/),
              (v4/*:: as any*/)
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
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "mediaLibraryUpdateMutation",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "UpdateMediaPayload",
        "kind": "LinkedField",
        "name": "updateMedia",
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
              (v2/*:: as any*/),
              (v3/*:: as any*/),
              (v4/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "dddb0cc50c21102a9519ee248bf708b2",
    "id": null,
    "metadata": {},
    "name": "mediaLibraryUpdateMutation",
    "operationKind": "mutation",
    "text": "mutation mediaLibraryUpdateMutation(\n  $input: UpdateMediaInput!\n) {\n  updateMedia(input: $input) {\n    media {\n      ...mediaLibrary_media\n      id\n    }\n    userErrors {\n      __typename\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment mediaLibrary_media on Media {\n  id\n  originalFileName\n  title\n  kind\n  size\n  url\n  thumbnailUrl\n  placeholder {\n    dataUri\n  }\n}\n"
  }
};
})();

(node as any).hash = "8b77737da3b3bfd70f496a664d1f5517";

export default node;
