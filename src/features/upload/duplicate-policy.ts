export const DUPLICATE_POLICIES = ['KEEP', 'REFUSE', 'RETURN_EXISTING'] as const
export type DuplicatePolicy = (typeof DUPLICATE_POLICIES)[number]
