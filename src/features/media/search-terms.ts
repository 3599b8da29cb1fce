/**
 * What must occur, each somewhere: words, and phrases in quotation marks with their blanks. A mark that opens no phrase is a
 * character like any other, and so is everything else: who searches for a text as it stands finds it.
 */
export function searchTerms(text: string): string[] {
  const terms = [...text.matchAll(/(?<!\S)"([^"]*\S[^"]*)"|\S+/gu)].map(([word, phrase]) => phrase ?? word)
  return [...new Set(terms)]
}
