/** Where the compiler for this platform lies; null when there is none. The package brings no types. */
declare module 'relay-compiler' {
  const binary: string | null
  export default binary
}
