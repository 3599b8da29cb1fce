import { type ConfigTable, integer } from '../../../platform/config.ts'
import { type AllowedPlaces, allowedPlaces } from '../../../platform/net/allowed-places.ts'

export const importConfig = {
  IMPORT_FROM_URL: {
    default: null as AllowedPlaces | null,
    defaultText: 'off',
    about:
      'Where `importMedia` may fetch files from: `off`, `public` (every name, at its public addresses and the ports 80 and 443), or a list of names ("cdn.example.com", "*.example.com", "host:8443") and networks ("10.1.0.0/16") parted by commas. A name stands for its public addresses: for a host of your own network list its network, too (`files.internal:3000,10.1.0.0/16`; on one machine `localhost:8080,127.0.0.0/8`).',
    parse: allowedPlaces,
  },
  IMPORT_SECONDS: {
    default: 600,
    about: 'How long fetching one file may take in all; what takes longer fails.',
    parse: integer(1, 86_400),
  },
} satisfies ConfigTable
