import { ON_FAILURE, ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'
import { spentSchema } from '../budget/schemas.ts'
import { coins, count, instant, intervals, series, stateCounts } from '../http/fields.ts'

/** States of a backfill: what runs, then how it ended. */
export const BACKFILL_STATES = [
  'running',
  'paused',
  'complete',
  'incomplete',
  'failed',
  'cancelled',
  'terminated',
] as const

export type BackfillState = (typeof BACKFILL_STATES)[number]

/** The id of a backfill in a path; the example is the one of the request that the documents show. */
export const backfillParams = z.object({
  id: z.string().openapi({
    pattern: '^[a-zA-Z0-9._-]{1,200}$',
    example: 'hyperliquid.l2_book.20250101T00.20250102T00.43aa833f',
  }),
})

const address = z.string().openapi({ format: 'uri' })

const requestFields = {
  id: z.string(),
  dataset: z.string(),
  coins,
  intervals,
  from: instant,
  to: instant.openapi({ description: 'Exclusive.' }),
  hours: z.array(z.int()).optional().openapi({ description: 'Only these of each UTC day.' }),
  order: z.enum(ORDERS),
  reprocess: z.enum(REPROCESS),
  onFailure: z.enum(ON_FAILURE),
  concurrency: z.int(),
  priority: z.int().optional().openapi({ description: 'Absent: 3.' }),
  maxFailedDays: z.int().optional(),
  maxFailedPercent: z.number().optional(),
  maxCostUsd: z.number().optional(),
  planId: z.string().optional().openapi({ description: 'The plan it carries out.' }),
  state: z.enum(BACKFILL_STATES),
  reason: z.string().optional(),
  total: count.openapi({ description: 'Objects of the range, all coins and intervals.' }),
  createdAt: instant,
  endedAt: instant.nullable(),
  seconds: z.number(),
  retryOf: z.string().optional(),
  temporalUi: address,
}

export const backfillItem = z
  .object({ ...requestFields, counts: z.union([stateCounts, z.null()]), rows: count.nullable() })
  .openapi('BackfillItem', { description: 'A backfill in a list; counts are known once it ended.' })

const retrySchema = z
  .object({
    day: z.string().nullable().openapi({ example: '2025-01-01', description: 'null: of no day.' }),
    activity: z.string().openapi({ example: 'loadPartitions' }),
    attempt: z.int().openapi({ description: 'The one under way, or the next.' }),
    error: z.string().openapi({ description: 'Why the attempt before failed.' }),
    nextTryAt: instant.nullable().openapi({ description: 'null while it is under way.' }),
    temporalUi: address,
  })
  .openapi('Retry', { description: 'What failed and is tried again until it succeeds.' })

const runningSchema = z
  .object({
    day: z.string().openapi({ example: '2025-01-01' }),
    partition: z.string().nullable().openapi({
      example: '2025-01-01T07',
      description: 'The one in work; null before it said so.',
    }),
    step: z.string().nullable().openapi({ example: 'loading' }),
    since: instant,
    attempt: z.int(),
    temporalUi: address,
  })
  .openapi('RunningLoad', { description: 'A load that a worker is at.' })

export const backfillSchema = z
  .object({
    ...requestFields,
    counts: stateCounts,
    remaining: count.openapi({ description: 'Objects this backfill has still to settle.' }),
    rows: count.openapi({ description: 'Rows in the database for the objects of the range.' }),
    bytes: count.openapi({ description: 'Compressed bytes of those objects.' }),
    spent: spentSchema.extend({ maxUsd: z.number().nullable() }).openapi({
      description: 'At sources that charge for it; `maxUsd` null: no limit of its own.',
    }),
    own: z
      .object({ objects: count, rows: count })
      .openapi({ description: 'Of the range: what this backfill settled itself.' }),
    rate: z
      .object({ objectsPerSecond: z.number(), rowsPerSecond: z.number().nullable() })
      .nullable()
      .openapi({ description: 'Mean since the start; pauses are left out.' }),
    etaSeconds: z.number().nullable(),
    workers: count
      .nullable()
      .openapi({ description: 'null once it ended, and while Temporal cannot be asked.' }),
    running: z
      .array(runningSchema)
      .openapi({ description: 'Loads under way, the oldest first; at most 20.' }),
    retrying: z.array(retrySchema).openapi({ description: 'At most 20.' }),
    warnings: z.array(z.string()),
  })
  .openapi('Backfill')

export const backfillPage = z
  .object({
    backfills: z.array(backfillItem),
    next: z.string().nullable().openapi({ description: 'Cursor of the next page.' }),
    warnings: z.array(z.string()),
  })
  .openapi('BackfillPage')

export const objectSchema = z
  .object({
    partition: z.string().openapi({ example: '2025-01-01T07' }),
    series,
    object: z.string().nullable().openapi({ description: 'Key in the bucket.' }),
    state: z.enum(['queued', ...OBJECT_STATES]).openapi({
      description:
        '`queued`: nothing is known of it yet; `reset`: forgotten on purpose; `unverified`: its rows must be read back before they count; the others as in docs/glossary.md.',
    }),
    reason: z.string().optional(),
    backfillId: z.string().optional(),
    rows: count.optional(),
    lines: count.optional(),
    rejected: count.optional(),
    warnings: count.optional(),
    superseded: count.optional(),
    ghosts: count.optional(),
    etag: z.string().optional(),
    size: count.optional(),
    contentHash: z.string().optional(),
    decoderVersion: z.int().optional(),
    details: z.unknown().optional(),
    minTs: instant.optional().openapi({ description: 'Microseconds.' }),
    maxTs: instant.optional().openapi({ description: 'Microseconds.' }),
    checkedAt: instant.optional(),
  })
  .openapi('BackfillObject')

export const objectPage = z
  .object({ partitions: z.array(objectSchema), next: z.string().nullable() })
  .openapi('BackfillObjectPage')

export type BackfillView = z.infer<typeof backfillSchema>
export type BackfillItem = z.infer<typeof backfillItem>
export type ObjectView = z.infer<typeof objectSchema>
