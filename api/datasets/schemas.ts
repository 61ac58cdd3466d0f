import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'
import { coins, count, instant, intervals, stateCounts } from '../http/fields.ts'

export const coverageSchema = z
  .object({
    dataset: z.string(),
    coins,
    intervals,
    from: instant,
    to: instant,
    granularity: z.enum(['hour', 'day']),
    total: count,
    counts: stateCounts,
    unknown: count.openapi({ description: 'Objects without a row in the ledger.' }),
    rows: count,
    days: z.array(
      z.object({
        day: z.string(),
        total: count,
        counts: stateCounts,
        unknown: count,
        rows: count,
        states: z
          .array(z.enum(OBJECT_STATES).nullable())
          .optional()
          .openapi({ description: 'By hour of the day (UTC), with detail=partitions.' }),
      }),
    ),
  })
  .openapi('Coverage')

const s3SourceSchema = z.object({
  kind: z.literal('s3'),
  name: z.string(),
  bucket: z.string(),
  region: z.string(),
  requesterPays: z.boolean(),
})

const httpSourceSchema = z.object({
  kind: z.literal('http'),
  name: z.string(),
  baseUrl: z.string(),
  checksums: z.boolean(),
})

const datasets = z.array(z.string()).openapi({ description: 'The datasets that use it.' })

export const sourceSchema = z
  .discriminatedUnion('kind', [
    s3SourceSchema.extend({ datasets }),
    httpSourceSchema.extend({ datasets }),
  ])
  .openapi('Source')

export const datasetSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    granularity: z.enum(['hour', 'day']),
    symbols: z.enum(['named', 'all']),
    symbolPattern: z.string(),
    intervals: z
      .array(z.string())
      .optional()
      .openapi({ description: 'What it can be asked for; absent where it has none.' }),
    begins: instant,
    finalAfterDays: z.number(),
    table: z.string(),
    columns: z.record(z.string(), z.string()),
    keys: z.array(z.string()),
    inexact: z.array(z.string()),
    source: z.discriminatedUnion('kind', [s3SourceSchema, httpSourceSchema]),
  })
  .openapi('Dataset')

export type SourceView = z.infer<typeof sourceSchema>
export type CoverageView = z.infer<typeof coverageSchema>
