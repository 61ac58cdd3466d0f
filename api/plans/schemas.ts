import { ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { PLAN_ID } from '@backtide/core/plan'
import { z } from '@hono/zod-openapi'
import { coins, count, instant, intervals, stateCounts } from '../http/fields.ts'

const bulk = z.object({ objects: count, bytes: count })
const usd = z.number().min(0)

export const planParams = z.object({
  id: z.string().openapi({ pattern: PLAN_ID.source, example: 'p-0mi9k2a1-43aa833f' }),
})

export const planSummary = z
  .object({
    load: bulk.openapi({ description: 'To be fetched, compressed.' }),
    kept: bulk.openapi({ description: 'To be loaded from copies that are kept.' }),
    unchanged: count.openapi({
      description: 'Asked for, and not sent as long as they are the same.',
    }),
    absent: z
      .object({ missing: count, pending: count })
      .openapi({ description: 'Not in the archive: asked for once and put on record.' }),
    notListed: count.openapi({ description: 'Nobody traded their instrument then.' }),
    skipped: stateCounts.openapi({ description: 'Left alone for what the ledger says of them.' }),
    exact: z.boolean().openapi({
      description: 'The archive listed its objects; else sizes are those of like objects.',
    }),
    cost: z.object({
      usd: usd.openapi({ description: 'Transfer and requests.' }),
      transferUsd: usd,
      requestsUsd: usd,
      listingUsd: usd.openapi({ description: 'What the plan itself has cost.' }),
    }),
    rows: count.nullable().openapi({ description: 'Estimated; null while nothing like is known.' }),
    diskBytes: count.nullable().openapi({ description: 'Estimated.' }),
    rewrites: z
      .object({ rows: count, bytes: count, days: count })
      .openapi({ description: 'What lies later in days that are loaded into is written again.' }),
    etaSeconds: z.number().nullable().openapi({ description: 'By what was measured lately.' }),
    hash: z.string().openapi({ description: 'SHA-256 of what was seen.' }),
  })
  .openapi('PlanSummary')

export const planSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'ready', 'failed']),
    reason: z.string().optional(),
    dataset: z.string(),
    coins,
    intervals,
    from: instant,
    to: instant.openapi({ description: 'Exclusive.' }),
    order: z.enum(ORDERS),
    reprocess: z.enum(REPROCESS),
    maxCostUsd: z.number().optional(),
    total: count,
    createdAt: instant,
    ageSeconds: z.number().openapi({ description: 'Since it was asked for.' }),
    progress: z.object({ objects: count }).optional(),
    summary: planSummary.nullable(),
    temporalUi: z.string().openapi({ format: 'uri' }),
    warnings: z.array(z.string()),
  })
  .openapi('Plan')

export type PlanView = z.output<typeof planSchema>

export const planPage = z
  .object({ plans: z.array(planSchema) })
  .openapi('PlanPage', { description: 'Plans that are ready, newest first.' })
