import { readFile } from 'node:fs/promises'
import { ACTIONS } from '../../src/features/access/actions.ts'

test('the docs say for every action, and for no other, which method and path an ACL must cover', async () => {
  const docs = await readFile(new URL('../../docs/access.md', import.meta.url), 'utf8')
  const rows = docs.match(/^\| \w+ \| `(GET|POST|PUT|DELETE) \/.*$/gm) ?? []
  expect(rows).toEqual(
    Object.entries(ACTIONS).map(
      ([action, { method, path, scope }]) => `| ${action} | \`${method} ${path}\` | \`${scope}\` |`,
    ),
  )
})
