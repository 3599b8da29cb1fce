import type { Client } from 'pg'

/** The role that the gateway works as, which is no superuser, and the database that it owns. */
export const ROLE = 'media_gateway'
export const DATABASE = 'media_gateway'

/** Makes the gateway's role and database where they are missing. `password` is letters and digits. */
export async function provision(client: Client, password: string): Promise<void> {
  const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE])
  if (roles.rowCount === 0) {
    await client.query(`CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`)
  }
  const databases = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
  if (databases.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`)
}
