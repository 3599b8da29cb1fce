import { readdir } from 'node:fs/promises'
import { apolloClient } from '../../examples/clients/apollo.ts'
import { apolloTour } from '../../examples/clients/apollo-tour.ts'
import { urqlClient } from '../../examples/clients/urql.ts'
import { urqlTour } from '../../examples/clients/urql-tour.ts'
import { startApp } from '../support/app.ts'
import { projectFile } from '../support/project-file.ts'

const KEY = 'mgw_root_secretsecretsecret'
const file = () => new File(['text'], 'new.txt', { type: 'text/plain' })

test('every line of client code in the README stands in an example that the tests run', async () => {
  const files = await Promise.all(
    ['examples/clients', 'examples/relay'].map(async folder =>
      (await readdir(folder)).filter(name => name.endsWith('.ts')).map(name => `${folder}/${name}`),
    ),
  )
  const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  const examples = (await Promise.all(files.flat().map(projectFile))).map(inOneLine)
  const section = /^### From Apollo Client.*?(?=^##)/ms.exec(await projectFile('README.md'))?.[0] ?? ''
  const blocks = [...section.matchAll(/^```\w+\n(.*?)^```/gms)]
  const pieces = blocks.flatMap(([, block = '']) => block.split(/^\s*(?:\/\/|#) …$/m)).map(inOneLine)
  expect(pieces.length).toBeGreaterThan(5)
  expect(pieces.filter(piece => !examples.some(example => example.includes(piece)))).toEqual([])
})

describe.each([
  [
    'Apollo Client',
    (url: string, show: (event: string) => void) => apolloTour(apolloClient(url, KEY), file(), show),
  ],
  ['urql', (url: string, show: (event: string) => void) => urqlTour(urqlClient(url, KEY), file(), show)],
])('the lines for %s', (_, tour) => {
  test('list, page, upload and subscribe', async () => {
    const gateway = await startApp()
    for (const fileName of ['1', '2', '3']) await gateway.upload({ bytes: Buffer.from(fileName), fileName })
    let heard = false
    const { list, media, stop } = await tour(gateway.url, event => {
      heard ||= event === 'UPDATED'
    })
    try {
      expect(list?.edges.map(({ node }) => node.originalFileName)).toEqual(['3', '2', '1'])
      expect(media).toMatchObject({ originalFileName: 'new.txt', title: 'Harbour' })
      // Nobody says from when on a subscription is live: something happens until it is heard.
      const change = `mutation { updateMedia(input: { id: "${media.id}", title: "x" }) { userErrors { code } } }`
      while (!heard) await gateway.query(change)
    } finally {
      stop()
      await gateway.close()
    }
  })
})
