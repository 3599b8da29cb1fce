/** Names of fields whose values are secrets wherever they stand: nothing that is kept or told of what happens may hold them. */
export const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'passphrase',
  'secret',
  'token',
  'signature',
  'privateKey',
  'apiKey',
] as const

export const HIDDEN = '(hidden)'

const isSecret = new Set<string>(SECRET_FIELDS.map(name => name.toLowerCase()))

/** The same object with the values of secret fields hidden, at every depth. */
export function withoutSecrets<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutSecrets) as T
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      isSecret.has(name.toLowerCase()) && each != null ? HIDDEN : withoutSecrets(each),
    ]),
  ) as T
}
