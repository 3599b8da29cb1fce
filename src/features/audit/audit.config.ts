import { type ConfigTable, integer, list } from '../../platform/config.ts'

export const auditConfig = {
  AUDIT_DAYS: {
    default: 365,
    about:
      'Days for which what was done and refused is kept in the audit log; 0 keeps it for ever. What goes leaves the rest verifiable.',
    parse: integer(0, 36_500),
  },
  AUDIT_FORMER_PEPPERS: {
    default: [] as readonly string[],
    defaultText: 'none',
    about:
      'Values that KEY_PEPPER has had, parted by commas: what was sealed with them can be verified still. New rows are sealed with the present one.',
    secret: true,
    parse: list(/^.{8,}$/, 'texts of at least 8 characters parted by commas'),
  },
} satisfies ConfigTable
