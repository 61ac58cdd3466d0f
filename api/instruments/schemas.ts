import { z } from '@hono/zod-openapi'
import { instant } from '../http/fields.ts'

const day = z.string().nullable().openapi({ example: '2023-02-26' })

export const instrumentSchema = z
  .object({
    exchange: z.string(),
    market: z.string().openapi({ example: 'perp' }),
    symbol: z.string().openapi({ description: 'What a request calls it.', example: 'BTC' }),
    base: z.string(),
    quote: z.string(),
    settle: z.string(),
    listed: day.openapi({ description: 'First day of trades; null where it is not known.' }),
    delisted: day.openapi({ description: 'First day after the last trade of what is delisted.' }),
    datesFrom: z.enum(['candles']).nullable().openapi({ description: 'What tells the dates.' }),
    aliases: z.array(z.string()),
    seenAt: instant,
  })
  .openapi('Instrument')

export const instrumentsSchema = z
  .object({ instruments: z.array(instrumentSchema), warnings: z.array(z.string()) })
  .openapi('Instruments')

export const syncSchema = z
  .object({ exchange: z.string(), id: z.string(), temporalUi: z.string() })
  .openapi('InstrumentSync', { description: 'The workflow that asks the venue.' })

export type InstrumentView = z.infer<typeof instrumentSchema>
