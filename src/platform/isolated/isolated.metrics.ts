import type { Metrics, MetricTable } from '../metrics.ts'
import type { PoolObserver } from './process-pool.ts'
import { processReasons } from './task.ts'

export const isolatedMetrics = {
  isolated_processes: {
    type: 'gauge',
    about: 'Processes that work on the bytes of files, by what for.',
    advice: 'Each takes memory of its own, up to its limit: docs/operations.md says how much.',
    labels: ['pool'],
  },
  isolated_tasks_waiting: {
    type: 'gauge',
    about: 'Tasks that wait for such a process.',
    advice:
      'More than a moment above 0 for `probe`: uploads wait; this node has too few processors for its load.',
    labels: ['pool'],
  },
  isolated_task_seconds: {
    type: 'histogram',
    about:
      'Tasks from when they were asked for: `ok`, `refused` by what the file is, or what ended them: `deadline`, `memory`, `crashed`, `source`, `sink`, `aborted`, `closed`, `installation`.',
    advice:
      '`crashed`, `memory` and `deadline` come with hostile or broken files; many of them from ordinary ones are a fault of a library. `installation`: a file of the gateway is missing; install it anew.',
    labels: ['pool', 'outcome'],
    buckets: [0.02, 0.1, 0.5, 2, 10, 60, 120],
  },
} as const satisfies MetricTable

/** Tells of the pools of this process, each by what its tasks are for. */
export const isolatedObserver =
  (metrics: Metrics) =>
  (pool: 'probe' | 'examine' | 'decode' | 'render'): PoolObserver => {
    const instruments = metrics.define(isolatedMetrics)
    return {
      opened: ({ running, waiting }) =>
        metrics.beforeReading(async () => {
          instruments.isolated_processes.set({ pool }, running())
          instruments.isolated_tasks_waiting.set({ pool }, waiting())
        }),
      // Reasons of its own come from the process, and could be any text.
      ended: (reason, seconds) =>
        instruments.isolated_task_seconds.observe(
          { pool, outcome: known(reason) ? reason : 'refused' },
          seconds,
        ),
    }
  }

const known = (reason: string) =>
  reason === 'ok' || reason === 'failed' || Object.hasOwn(processReasons, reason)
