/** Whether this run takes its time: LONG=1, as `npm run test:thorough` sets it. */
export const IS_THOROUGH = process.env.LONG === '1'

/** How often something is tried, or how large it is: as much as shows a fault today, or as much as shows a rare one. */
export const countOf = ({
  daily,
  thorough,
}: {
  readonly daily: number
  readonly thorough: number
}): number => (IS_THOROUGH ? thorough : daily)
