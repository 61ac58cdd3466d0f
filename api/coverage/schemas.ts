import { GAP_CAUSES } from '@backtide/core/gap'
import { scopeFields } from '@backtide/core/request'
import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'
import { coins, count, instant, intervals, series, stateCounts } from '../http/fields.ts'

/** What an answer of `/coverage` may be divided into. */
export const COVER_BY = ['day', 'hour', 'coin', 'coin-day'] as const

const day = z.string().openapi({ example: '2025-01-01' })

const sums = {
  total: count,
  counts: stateCounts,
  unknown: count.openapi({ description: 'Objects without a row in the ledger.' }),
  percent: z
    .number()
    .openapi({ description: 'Complete of all, cut after three decimals: 100 has no gap.' }),
  rows: count,
}

export const coverageSchema = z
  .object({
    dataset: z.string(),
    coins,
    intervals,
    from: instant,
    to: instant,
    granularity: z.enum(['hour', 'day']),
    by: z.enum(COVER_BY),
    ...sums,
    reasons: z
      .array(z.object({ state: z.enum(OBJECT_STATES), reason: z.string(), objects: count }))
      .openapi({ description: 'Why objects are not complete: the ten most frequent reasons.' }),
    days: z
      .array(
        z.object({
          day,
          ...sums,
          states: z
            .array(z.enum(OBJECT_STATES).nullable())
            .optional()
            .openapi({ description: 'By hour of the day (UTC), with detail=partitions.' }),
        }),
      )
      .optional()
      .openapi({ description: 'With by=day.' }),
    hours: z
      .array(z.object({ hour: z.string().openapi({ example: '2025-01-01T07' }), ...sums }))
      .optional()
      .openapi({ description: 'With by=hour.' }),
    series: z
      .array(
        z.object({
          series,
          ...sums,
          days: z
            .array(z.object({ day, ...sums }))
            .optional()
            .openapi({ description: 'With by=coin-day.' }),
        }),
      )
      .optional()
      .openapi({ description: 'With by=coin or by=coin-day.' }),
  })
  .openapi('Coverage')

const gapSchema = z
  .object({
    dataset: z.string(),
    coin: z.string(),
    interval: z.string().optional().openapi({ description: 'Where the dataset has them.' }),
    from: instant,
    to: instant.openapi({ description: 'Exclusive.' }),
    cause: z.enum(GAP_CAUSES).openapi({
      description: 'State of its objects; `unknown`: nobody has asked for them yet.',
    }),
    reason: z.string().optional(),
    objects: count,
    repairable: z.boolean().openapi({
      description:
        'A load could change it. What is `missing`, `corrupt` or `degraded` is final until somebody asks to look again; what is `pending` is looked for again after a part of its age.',
    }),
  })
  .openapi('Gap')

export const gapPage = z
  .object({ gaps: z.array(gapSchema), next: z.string().nullable() })
  .openapi('GapPage', { description: 'By start, then coin and cause.' })

/** Body of `POST /repairs`. */
export const repairBody = z
  .strictObject({
    dataset: scopeFields.dataset,
    parts: z
      .array(
        z.strictObject({
          coins: z.array(z.string().min(1).max(100)).optional(),
          intervals: z.array(z.string().min(1).max(20)).optional(),
          from: scopeFields.from,
          to: scopeFields.to,
        }),
      )
      .min(1)
      .max(500),
    /** Only says what would be loaded. */
    dryRun: z.boolean().default(false),
  })
  .meta({
    example: {
      dataset: 'hyperliquid.l2_book',
      parts: [{ coins: ['BTC', 'ETH'], from: '2025-01-01', to: '2025-01-02' }],
      dryRun: true,
    },
  })

export type RepairBody = z.output<typeof repairBody>

const partSchema = { coins, intervals, from: instant, to: instant }

export const repairSchema = z
  .object({
    dataset: z.string(),
    dryRun: z.boolean(),
    repairable: z.object({ gaps: count, objects: count }),
    untouched: z
      .array(z.object({ cause: z.enum(GAP_CAUSES), gaps: count, objects: count }))
      .openapi({ description: 'Gaps of what was asked for that no load could change now.' }),
    backfills: z
      .array(
        z.object({
          id: z.string().nullable().openapi({ description: 'null with dryRun.' }),
          ...partSchema,
        }),
      )
      .openapi({ description: 'What was started, or was running already.' }),
    left: count.openapi({
      description: 'Parts that need a backfill of their own and got none yet: ask again.',
    }),
  })
  .openapi('Repair')

export type CoverageView = z.infer<typeof coverageSchema>
export type GapView = z.infer<typeof gapSchema>
export type GapPage = z.infer<typeof gapPage>
export type RepairView = z.infer<typeof repairSchema>
