import { CHANNELS } from '@backtide/core/channel'
import { z } from '@hono/zod-openapi'
import { count, instant } from '../http/fields.ts'

const name = z.string().min(1).max(40)

export const collectBody = z
  .strictObject({
    exchange: name.openapi({ example: 'hyperliquid' }),
    market: name.openapi({ example: 'perp' }),
    symbols: z
      .array(name)
      .min(1)
      .max(1000)
      .openapi({ example: ['BTC'] }),
    channels: z.array(z.enum(CHANNELS)).min(1).max(CHANNELS.length),
    replicas: z
      .int()
      .min(1)
      .max(3)
      .default(1)
      .openapi({ description: 'How often they are collected, on different hosts.' }),
  })
  .openapi({
    example: { exchange: 'hyperliquid', market: 'perp', symbols: ['BTC'], channels: ['trades'] },
  })

const feed = z.object({ symbol: z.string(), channels: z.array(z.enum(CHANNELS)) })

const connection = z.object({
  id: z.string().openapi({ example: 'binance/perp/public-0/1' }),
  exchange: z.string(),
  market: z.string(),
  connection: z.string(),
  replica: count,
  feeds: z.array(feed),
  temporalUi: z.string(),
})

export const collectSchema = z
  .object({
    connections: z.array(
      connection.extend({
        started: z.boolean().openapi({ description: 'False for what was collected before.' }),
      }),
    ),
    warnings: z.array(z.string()),
  })
  .openapi('Collect')

export const FEED_STATES = ['running', 'connecting', 'waiting', 'retrying', 'paused'] as const

export const connectionSchema = connection
  .extend({
    state: z.enum(FEED_STATES).openapi({
      description: '`waiting`: no host has taken it; `retrying`: the last one gave up.',
    }),
    reason: z.string().optional(),
    host: z.string().nullable(),
    durable: z
      .string()
      .nullable()
      .openapi({ description: 'When the last line on disk was received, UTC, nanoseconds.' }),
    messages: count,
    bytes: count,
    connects: count,
    openHoles: count,
    withoutData: z.array(z.string()).openapi({
      description: 'Streams that bring nothing, though something was to come; some of them.',
    }),
  })
  .openapi('Connection')

export const feedsSchema = z
  .object({ connections: z.array(connectionSchema), warnings: z.array(z.string()) })
  .openapi('Feeds')

export const steerBody = z
  .strictObject({
    id: z.string().min(1).max(200).openapi({ example: 'hyperliquid/perp/ws-0/1' }),
    reason: z.string().max(500).optional(),
    by: z.string().max(100).optional(),
  })
  .openapi({ example: { id: 'hyperliquid/perp/ws-0/1', reason: 'maintenance', by: 'me' } })

export const steeredSchema = z.object({ id: z.string(), warnings: z.array(z.string()) })

export const HOLE_STATES = ['open', 'refuted', 'repaired', 'lost'] as const

export const holeSchema = z
  .object({
    from: instant,
    until: instant.nullable().openapi({ description: 'Null as long as nothing good came.' }),
    exchange: z.string(),
    market: z.string(),
    symbol: z.string(),
    channel: z.string(),
    stream: z.string(),
    host: z.string(),
    cause: z.string().openapi({ example: 'connection_lost' }),
    state: z.enum(HOLE_STATES),
    evidence: z.string().nullable(),
  })
  .openapi('Hole')

export const holesSchema = z
  .object({ holes: z.array(holeSchema), more: z.boolean() })
  .openapi('Holes')

export type ConnectionView = z.infer<typeof connectionSchema>
