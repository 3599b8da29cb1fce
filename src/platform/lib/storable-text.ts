/** Whether PostgreSQL keeps it: no text holds U+0000, and half a surrogate pair is no character, which its JSON refuses. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
