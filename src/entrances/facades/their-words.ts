import type { AppError } from '../../platform/errors.ts'

/** What an error says, its field called what the client called it: messages begin with the name of the field that is at fault. */
export function inTheirWords({ publicMessage, field }: AppError, nameOf: (ours: string) => string): string {
  const ours = field?.at(-1)
  if (ours === undefined || !publicMessage.startsWith(`${ours} `)) return publicMessage
  return nameOf(ours) + publicMessage.slice(ours.length)
}
