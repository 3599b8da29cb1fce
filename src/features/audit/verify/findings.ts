/** What can be wrong with a chain, and what it says about who did it. */
export const FINDINGS = {
  'row-changed':
    'What stands at this number is not what was sealed there: it was changed, exchanged for another row, or rows before it were taken out and the later ones renumbered.',
  'row-removed': 'There is no row of this number, and later ones are there.',
  'row-inserted': 'This row was put in: the chain is whole without it, or had not come so far.',
  'tail-cut': 'The chain was longer once: its newest rows were removed, or the database is an older backup.',
  'head-changed': 'What is noted of the end of the chain is not its end.',
  'base-changed': 'What stands for rows that were removed by their age is not what the gateway noted.',
  'key-unknown':
    'It is sealed with another KEY_PEPPER: give the former one in AUDIT_FORMER_PEPPERS. Without it nothing is said of what it holds.',
  'checkpoint-removed': 'A checkpoint that should lie in the store is not there.',
  'checkpoint-changed': 'A checkpoint in the store is not as a gateway with this pepper writes one.',
  'checkpoint-differs':
    'The row of this number was another one when the checkpoint was written: the log was rewritten, or goes on from an older backup.',
} as const satisfies Record<string, string>

export type FindingCode = keyof typeof FINDINGS

export interface Finding {
  readonly code: FindingCode
  /** Of the row, where it is about one. */
  readonly number: number | null
  /** Global id of the row that is there, if one is. */
  readonly eventId: string | null
  readonly message: string
}

/** So many of one chain are told; the first of them is the first. */
export const MOST_FINDINGS = 20
