import { createHmac } from 'node:crypto'
import { KeySecrets } from '../../src/features/access/key-secrets.ts'
import { SecretHashes } from '../../src/features/access/secret-hashes.ts'
import { Database } from '../../src/platform/db/database.ts'
import { Library1700000000001 } from '../../src/platform/db/migrations/0001-library.ts'
import { Keys1700000000002 } from '../../src/platform/db/migrations/0002-keys.ts'
import { createDatabase } from '../support/database.ts'

test('keys that were made before a key could have two secrets go on working, and revoked ones stay so', async () => {
  const empty = await createDatabase({ empty: true })
  const database = await Database.open({
    connection: { connectionString: empty.url },
    entities: [],
    poolSize: 2,
    onIdleError: () => undefined,
  })
  const runner = database.source.createQueryRunner()
  await new Library1700000000001().up(runner)
  const pepper = 'pepper of the old days'
  const hash = createHmac('sha256', pepper).update('oldsecret').digest()
  await database.query(`INSERT INTO account (id, name) VALUES ('acme', 'acme')`)
  await database.query(
    `INSERT INTO api_key (id, account_id, label, secret_hash, scopes, revoked_at)
     VALUES ('old', 'acme', '', $1, '{*}', null), ('gone', 'acme', '', $1, '{*}', now())`,
    [hash],
  )
  await new Keys1700000000002().up(runner)
  await runner.release()

  const keys = new KeySecrets({
    database,
    hashes: new SecretHashes({ pepper }),
    usage: { note: () => undefined },
  })
  expect(await keys.principal({ keyId: 'old', secret: 'oldsecret' })).toMatchObject({ name: 'key:old' })
  expect(await keys.principal({ keyId: 'old', secret: 'other' })).toBeNull()
  expect(await keys.principal({ keyId: 'gone', secret: 'oldsecret' })).toBeNull()
  expect(await database.query('SELECT key_id FROM api_secret')).toEqual([{ key_id: 'old' }])
  await database.close()
  await empty.drop()
})
