import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

const NAME = Symbol.for('fastify.display-name')

/** Registers a door by a name. For one without Fastify looks among all modules that are loaded, which can take longer than all else. */
export async function openDoor(scope: FastifyInstance, door: FastifyPluginAsync): Promise<void> {
  await scope.register(Object.assign(door, { [NAME]: door.name || 'door' }))
}
