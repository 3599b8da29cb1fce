/**
 * @generated SignedSource<<fcd8a7c3fc4a909ea19b634f51885515>>
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
  readonly size: number | null | undefined;
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
    }
  ],
  "type": "Media",
  "abstractKey": null
};

(node as any).hash = "e423e677bd236629985f96b77ede6d1a";

export default node;
