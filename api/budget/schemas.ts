import { MOST_USD } from '@backtide/core/budget'
import { z } from '@hono/zod-openapi'
import { count } from '../http/fields.ts'

const usd = z.number().min(0).openapi({ example: 0.17 })

/** What was spent at sources that charge for it. */
export const spentSchema = z
  .object({
    usd,
    gets: count.openapi({ description: 'Requests for objects, those tried again included.' }),
    lists: count,
    bytes: count.openapi({ description: 'As the source sent them.' }),
  })
  .openapi('Spent')

export const budgetSchema = z
  .object({
    month: z.string().openapi({ example: '2026-11', description: 'UTC.' }),
    spent: spentSchema,
    limitUsd: usd.nullable().openapi({ description: 'null: no limit.' }),
    remainingUsd: usd.nullable(),
    confirmUsd: usd.nullable().openapi({
      description: 'A backfill that may cost more needs a plan, or `confirmed`.',
    }),
    pricesOf: z.string().openapi({ description: 'When the list prices were looked up.' }),
    sources: z.array(spentSchema.extend({ source: z.string() })),
    backfills: z.array(spentSchema.extend({ id: z.string() })).openapi({
      description: 'Those that spent most in the month, plans among them; 20 at most.',
    }),
  })
  .openapi('Budget')

export type BudgetView = z.output<typeof budgetSchema>

export const raiseBody = z
  .strictObject({ maxCostUsd: z.number().gt(0, 'Use dollars, more than 0.').max(MOST_USD) })
  .openapi({ example: { maxCostUsd: 5 } })

export const raisedSchema = z
  .object({ id: z.string(), maxCostUsd: usd, warnings: z.array(z.string()) })
  .openapi('RaisedBudget')
