/** The process's idea of now, for what never leaves the process; what two nodes must agree on asks the database. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
