/** The file is built in a way from which nothing can be taken out: that will be so whenever it is tried. */
export class RedactionImpossible extends Error {
  override readonly name = 'RedactionImpossible'
}
