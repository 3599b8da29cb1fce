import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Gateway, startGateway } from './gateway.ts'
import { warmUp } from './media-client.ts'
import { ServerProcess } from './server-process.ts'

/** A gateway that is warm, and beside it a server that does nothing with an upload but hash, write and sync it, on the same disk. */
export interface UploadSides extends AsyncDisposable {
  readonly gateway: Gateway
  /** Of the bare server. */
  readonly origin: string
}

/** New ones: what a gateway holds is measured from an idle that no other measurement has raised. */
export async function startUploadSides(): Promise<UploadSides> {
  const opened = new AsyncDisposableStack()
  try {
    const gateway = opened.use(await startGateway())
    const folder = join(gateway.dataDir, 'baseline')
    await mkdir(folder)
    const program = 'bench/baselines/upload-raw.ts'
    const { origin } = opened.use(await ServerProcess.start({ program, args: [folder], env: {} }))
    await warmUp(gateway)
    return { gateway, origin, [Symbol.asyncDispose]: () => opened.disposeAsync() }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}
