import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

// What a page with Uppy does; led by a test, in a browser.

/** How the transfer stands, for the test that waits for it. */
export interface UppyState {
  sent: number
  outcome: 'none' | 'complete' | string
}

export interface UppyPage {
  readonly state: UppyState
  /** Takes the file of the page's input, and uploads it in four parts at once. */
  begin(endpoint: string): void
  pause(): void
  resume(): void
}

interface Browser {
  uppy: UppyPage
  document: {
    querySelector(selector: string): { files: readonly File[]; textContent: string }
  }
}
const browser = globalThis as unknown as Browser
const { document } = browser

const state: UppyState = { sent: 0, outcome: 'none' }
const show = () => {
  document.querySelector('output').textContent = `${state.sent} bytes sent, ${state.outcome}`
}
const client = new Uppy()
client.on('upload-progress', (_file, { bytesUploaded }) => {
  state.sent = Number(bytesUploaded)
  show()
})
client.on('complete', ({ failed = [] }) => {
  state.outcome = failed.length > 0 ? `failed: ${failed[0]?.error}` : 'complete'
  show()
})

browser.uppy = {
  state,
  begin(endpoint) {
    const [data] = document.querySelector('input').files
    if (!data) throw new Error('no file was chosen')
    // A gateway that is killed is away for some seconds.
    client.use(Tus, { endpoint, parallelUploads: 4, retryDelays: Array.from({ length: 120 }, () => 250) })
    client.addFile({ name: data.name, type: data.type, data })
    client.upload().catch((error: unknown) => {
      state.outcome = `failed: ${error}`
      show()
    })
  },
  pause: () => client.pauseAll(),
  resume: () => client.resumeAll(),
}
