import type { Timing } from '@backtide/core/timing'
import { z } from 'zod'
import { only } from './only.ts'
import { whole } from './setting.ts'

const milliseconds = whole(1, 86_400_000).optional()

/** Some of the timeouts and waits of a backfill. */
export const tempo = only('field', {
  heartbeatTimeout: milliseconds,
  loadTimeout: milliseconds,
  controlTimeout: milliseconds,
  retryInitialInterval: milliseconds,
  retryMaximumInterval: milliseconds,
  deferInitial: milliseconds,
  deferMaximum: milliseconds,
  dayRestarts: z.array(whole(1, 86_400_000), 'must be a list').max(10).optional(),
} satisfies Record<keyof Timing, z.ZodType>).transform((given) => given as Partial<Timing>)
