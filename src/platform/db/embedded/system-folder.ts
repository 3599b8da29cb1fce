import { chmod, mkdir } from 'node:fs/promises'

const PATH = '/var/lib/media-gateway'

/** Root's own folder for what the service user must reach and cannot reach elsewhere; made when it is missing. */
export async function systemFolder(): Promise<string> {
  if (await mkdir(PATH, { recursive: true })) await chmod(PATH, 0o755)
  return PATH
}
