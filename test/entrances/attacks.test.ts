import { getIntrospectionQuery } from 'graphql'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { ATTACKS } from '../support/attacks.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

async function post(body: object): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, text: await answer.text() }
}

const spent: { what: string; ms: number }[] = []

test.each(ATTACKS.map(attack => [attack.what, attack] as const))(
  '%s is refused',
  async (what, { limit, body }) => {
    const before = process.cpuUsage()
    const { status, text } = await post(body)
    const { user, system } = process.cpuUsage(before)
    spent.push({ what, ms: (user + system) / 1000 })
    expect(status).toBe(400)
    const { errors } = JSON.parse(text) as { errors: { message: string; extensions: object }[] }
    expect(errors.map(({ message }) => message).join('\n')).toContain(limit)
    for (const { extensions } of errors)
      expect(extensions).toMatchObject({
        code: expect.stringMatching(/^(OPERATION_TOO_LARGE|GRAPHQL_(PARSE|VALIDATION)_FAILED)$/),
        requestId: expect.any(String),
      })
  },
)

test('what each of them cost is printed, client and server together', () => {
  const lines = spent.sort((a, b) => b.ms - a.ms).slice(0, 10)
  process.stdout.write(
    `CPU of refusals, the dearest of ${spent.length}:\n${lines.map(({ what, ms }) => `  ${ms.toFixed(1)} ms  ${what}\n`).join('')}`,
  )
  expect(spent).toHaveLength(ATTACKS.length)
})

test('the introspection that tools send is not', async () => {
  const everything = {
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  }
  for (const query of [getIntrospectionQuery(), getIntrospectionQuery(everything)]) {
    expect((await post({ query, operationName: 'IntrospectionQuery' })).status).toBe(200)
  }
})
