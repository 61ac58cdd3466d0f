import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'
import { count, instant, series } from '../http/fields.ts'

export const resetSchema = z
  .object({
    reset: count.openapi({ description: 'Objects forgotten; with dryRun: that would be.' }),
    complete: count.openapi({ description: 'Those of them that were complete.' }),
    objects: z
      .array(
        z.object({
          dataset: z.string(),
          object: z.string().openapi({ description: 'Key in the bucket.' }),
          partition: instant,
          series,
          state: z.enum(OBJECT_STATES).openapi({ description: 'What it was.' }),
        }),
      )
      .openapi({ description: 'At most 100 of them.' }),
    dryRun: z.boolean(),
  })
  .openapi('Reset')

export type ResetView = z.infer<typeof resetSchema>
