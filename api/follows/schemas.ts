import { EVERY_MS, MOST_RECENT_DAYS } from '@backtide/core/follow'
import { parseDuration } from '@backtide/core/duration'
import { backfillBody } from '@backtide/core/request'
import { z } from '@hono/zod-openapi'
import { coins, count, instant, intervals } from '../http/fields.ts'

const { shape } = backfillBody

const every = z
  .string()
  .max(20)
  .refine((text) => isWithin(parseDuration(text)), 'Write it like 1h, 15m or 1d; 7d at most.')
  .meta({ example: '1h' })

function isWithin(ms: number | undefined): boolean {
  return ms !== undefined && ms >= EVERY_MS.least && ms <= EVERY_MS.most
}

/** Body of `POST /follows`. */
export const followBody = z
  .strictObject({
    dataset: shape.dataset,
    coins: shape.coins,
    intervals: shape.intervals,
    from: shape.from
      .optional()
      .describe('What is older is left alone; seven days ago when absent.'),
    every: every.default('1h').describe('Time between two turns.'),
    recentDays: z
      .int()
      .min(1)
      .max(MOST_RECENT_DAYS)
      .default(7)
      .describe('Days in which the newest is looked for first, and replaced objects.'),
    after: z
      .string()
      .max(200)
      .optional()
      .describe('Id of a backfill: as long as it runs, what is older is left to it.'),
  })
  .meta({ example: { dataset: 'hyperliquid.l2_book', coins: ['BTC', 'ETH'], every: '1h' } })

export type FollowBody = z.output<typeof followBody>

export const followParams = z.object({
  id: z.string().openapi({
    pattern: '^[a-zA-Z0-9._-]{1,200}$',
    example: 'follow.hyperliquid.l2_book.b6a18033',
  }),
})

const partSchema = z.object({
  why: z.enum(['newest', 'replaced', 'missing', 'gaps']),
  backfillId: z.string(),
  outcome: z.string().openapi({ description: '`started`: the turn did not wait for its end.' }),
  reason: z.string().optional(),
})

const turnSchema = z
  .object({
    id: z.string().openapi({ description: 'Of the workflow.' }),
    at: instant,
    endedAt: instant.nullable(),
    state: z.enum(['running', 'completed', 'failed', 'cancelled', 'terminated', 'unknown']),
    parts: z.array(partSchema).openapi({ description: 'Empty when nothing was due.' }),
    temporalUi: z.string(),
  })
  .openapi('Turn')

export const followSchema = z
  .object({
    id: z.string(),
    dataset: z.string(),
    coins,
    intervals,
    from: instant,
    every: z.string(),
    recentDays: z.int(),
    after: z.string().optional(),
    paused: z.boolean(),
    note: z.string().optional(),
    createdAt: instant,
    nextAt: instant.nullable().openapi({ description: 'null while it is paused.' }),
    turns: count,
    skipped: count.openapi({ description: 'Turns that the one before outlasted.' }),
    lastTurn: turnSchema.nullable(),
    temporalUi: z.string(),
  })
  .openapi('Follow')

export const followList = z.object({ follows: z.array(followSchema) })

export type FollowView = z.infer<typeof followSchema>
