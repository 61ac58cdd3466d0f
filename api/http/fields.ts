import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'

/** An instant of an answer. */
export const instant = z.string().openapi({ format: 'date-time', example: '2025-01-01T00:00:00Z' })
export const count = z.int().min(0)

export const coins = z
  .array(z.string())
  .openapi({ description: '["*"] where objects hold every coin.' })
export const intervals = z
  .array(z.string())
  .optional()
  .openapi({ description: 'Absent where the dataset has none.' })
export const series = z
  .string()
  .openapi({ example: 'BTCUSDT 1m', description: 'A coin, at an interval where there are any.' })

/** Names in a query, separated by commas. */
export const nameList = z
  .string()
  .max(10_000)
  .regex(/^[ -~]*$/, 'Use names of letters, digits and @ : / # - . _ only.')
  .transform((text) => text.split(',').map((name) => name.trim()))
  .transform((names) => names.filter((name) => name !== ''))

export const stateCounts = z
  .partialRecord(z.enum(OBJECT_STATES), count)
  .openapi('StateCounts', { description: 'Objects by state; states without objects are absent.' })

/** A whole number in a query, from 1. */
export const wholeNumber = (most: number, usual: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `Use a whole number from 1 to ${most}.`)
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(usual)
    .openapi({ type: 'integer', minimum: 1, maximum: most, default: usual })

/** Where a list goes on. */
export const cursor = z
  .string()
  .max(10_000)
  .regex(/^[A-Za-z0-9_-]+$/, 'Use the "next" of the page before, unchanged.')
  .optional()
  .openapi({ description: '`next` of the page before.' })
