/**
 * @generated SignedSource<<a0c42619ff46788856d62973075695a5>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
export type MediaKind = "AUDIO" | "DOCUMENT" | "FILE" | "IMAGE" | "VIDEO";
import { FragmentRefs } from "relay-runtime";
export type mediaLibrary_media$data = {
  readonly id: string;
  readonly kind: MediaKind;
  readonly originalFileName: string;
  readonly placeholder: {
    readonly dataUri: string;
  } | null | undefined;
  readonly size: number | null | undefined;
  readonly thumbnailUrl: string | null | undefined;
  readonly title: string | null | undefined;
  readonly url: string | null | undefined;
  readonly " $fragmentType": "mediaLibrary_media";
};
export type mediaLibrary_media$key = {
  readonly " $data"?: mediaLibrary_media$data;
  readonly " $fragmentSpreads": FragmentRefs<"mediaLibrary_media">;
};

import mediaLibraryRefetchQuery_graphql from './mediaLibraryRefetchQuery.graphql';

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": mediaLibraryRefetchQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "mediaLibrary_media",
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
  "type": "Media",
  "abstractKey": null
};

(node as any).hash = "709d599efca9318fb5692ae8a3c8e373";

export default node;
