/** Run by itself: azurite's blob service with the arguments of this process, for as long as who started it is there. */
process.on('disconnect', () => process.exit())
// @ts-expect-error: it has no types.
await import('azurite/dist/src/blob/main.js')
