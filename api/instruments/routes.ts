import type { KnownInstrument } from '@backtide/core/instrument'
import { dayKey } from '@backtide/core/partition'
import { quote } from '@backtide/core/problem'
import { formatInstant } from '@backtide/core/range'
import { INSTRUMENT_SOURCES } from '@backtide/datasets/instruments'
import { createRoute, z } from '@hono/zod-openapi'
import { workflowPage, type Deps } from '../deps.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { instrumentsSchema, syncSchema, type InstrumentView } from './schemas.ts'

const exchange = z.string().min(1).max(40).openapi({ example: 'hyperliquid' })

const list = createRoute({
  method: 'get',
  path: '/instruments',
  summary: 'What is traded where, and since when',
  request: {
    query: z.strictObject({
      exchange: exchange.optional(),
      market: z.string().max(40).optional().openapi({ example: 'perp' }),
    }),
  },
  responses: { 200: json(instrumentsSchema, 'As they were seen last.'), ...problems(422, 503) },
})

const syncBody = z.strictObject({ exchange }).openapi({ example: { exchange: 'hyperliquid' } })

const sync = createRoute({
  method: 'post',
  path: '/instruments/sync',
  summary: 'Have a venue asked for its instruments',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: syncBody } },
    },
  },
  responses: { 202: json(syncSchema, 'Under way.'), ...problems(400, 413, 415, 422, 503) },
})

/** Routes of instruments. */
export function instrumentRoutes(deps: Deps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { exchange: venue, market } = c.req.valid('query')
      if (venue !== undefined) checkVenue(venue)
      const known = await deps.store.listInstruments(venue)
      const instruments = known
        .filter((one) => market === undefined || one.market === market)
        .map(viewInstrument)
      const warnings = known.length > 0 ? [] : [NONE_KNOWN]
      return c.json({ instruments, warnings }, 200)
    })
    .openapi(sync, async (c) => {
      const { exchange: venue } = c.req.valid('json')
      checkVenue(venue)
      const { tempo } = deps.settings
      const id = await deps.runs.syncInstruments({ exchange: venue, tempo })
      return c.json({ exchange: venue, id, temporalUi: workflowPage(deps.settings, id) }, 202)
    })
}

const NONE_KNOWN = 'No instruments are known yet: backtide instruments sync asks for them.'

/** @throws ProblemError 422 for a venue whose instruments nobody lists */
function checkVenue(venue: string): void {
  const allowed = INSTRUMENT_SOURCES.map((one) => one.exchange)
  if (allowed.includes(venue)) return
  const detail = `Instruments of ${quote(venue)} are not known to Backtide; known are those of ${allowed.join(', ')}.`
  throw invalidRequest([{ pointer: '/exchange', detail, allowed }])
}

function viewInstrument(one: KnownInstrument): InstrumentView {
  const { exchange: venue, market, symbol, base, quote: of, settle } = one
  return {
    exchange: venue,
    market,
    symbol,
    base,
    quote: of,
    settle,
    listed: dayOf(one.listed),
    delisted: dayOf(one.delisted),
    datesFrom: one.datesFrom ?? null,
    aliases: [...one.aliases],
    seenAt: formatInstant(one.seenAt),
  }
}

function dayOf(at: number | undefined): string | null {
  return at === undefined ? null : dayKey(at)
}
