/** Reads a Content-Disposition as a client of RFC 6266 does: `filename*` wins over `filename`. Throws when it is malformed. */
export function parseDisposition(header: string): { type: string; fileName: string } {
  const form =
    /^(?<type>[a-z]+); filename="(?<plain>(?:[^"\\]|\\.)*)"(?:; filename\*=UTF-8''(?<extended>(?:[\w!#$&+.^`|~-]|%[0-9A-F]{2})+))?$/
  const found = form.exec(header)?.groups
  if (!found?.type || found.plain === undefined) throw new Error(`malformed: ${header}`)
  const fileName =
    found.extended === undefined ? found.plain.replace(/\\(.)/g, '$1') : decodeURIComponent(found.extended)
  return { type: found.type, fileName }
}
