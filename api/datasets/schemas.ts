import { OBJECT_STATES } from '@backtide/core/state'
import { z } from '@hono/zod-openapi'
import { count, instant, series, stateCounts } from '../http/fields.ts'

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

const restSourceSchema = z.object({
  kind: z.literal('rest'),
  name: z.string(),
  baseUrl: z.string(),
  limit: z.object({ name: z.string(), weightPerMinute: z.number() }),
})

const datasets = z.array(z.string()).openapi({ description: 'The datasets that use it.' })

export const sourceSchema = z
  .discriminatedUnion('kind', [
    s3SourceSchema.extend({ datasets }),
    httpSourceSchema.extend({ datasets }),
    restSourceSchema.extend({ datasets }),
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
    source: z.discriminatedUnion('kind', [s3SourceSchema, httpSourceSchema, restSourceSchema]),
    off: z
      .string()
      .optional()
      .openapi({ description: 'Why it cannot be loaded, and what to do about it.' }),
  })
  .openapi('Dataset')

const loadedSchema = z
  .object({
    counts: stateCounts,
    rows: count,
    bytes: count.openapi({ description: 'Compressed, as they were fetched.' }),
    from: instant.nullable().openapi({ description: 'Start of the first partition with rows.' }),
    to: instant.nullable().openapi({ description: 'End of the last.' }),
  })
  .openapi('Loaded', { description: 'What the ledger has of a dataset; there may be gaps.' })

export const catalogueSchema = z.object({
  datasets: z.array(
    datasetSchema.extend({
      loaded: loadedSchema
        .optional()
        .openapi({ description: 'With detail=loaded, while QuestDB answers.' }),
    }),
  ),
  warnings: z.array(z.string()),
})

export const rowsSchema = z
  .object({
    dataset: z.string(),
    table: z.string().openapi({ description: 'The view they are read from.' }),
    from: instant.nullable(),
    to: instant.nullable().openapi({
      description:
        'Exclusive. What was looked at: where the ledger knows rows; null where nowhere.',
    }),
    columns: z
      .record(z.string(), z.string())
      .openapi({ description: 'Names and types, in order.' }),
    rows: z
      .array(z.record(z.string(), z.unknown()))
      .openapi({ description: 'By column, oldest first; arrays as they are stored.' }),
    verified: z.boolean().openapi({
      description: 'There are rows, and every one is of an object that is `complete`.',
    }),
    objects: z
      .array(
        z.object({
          partition: z.string().openapi({ example: '2025-01-01T07' }),
          series,
          object: z.string().nullable(),
          state: z.enum([...OBJECT_STATES, 'unknown']),
          rows: count.openapi({ description: 'Of those that are shown.' }),
        }),
      )
      .openapi({ description: 'What the rows are of, as the ledger knows it.' }),
    warnings: z.array(z.string()),
  })
  .openapi('Rows')

export type DatasetView = z.infer<typeof datasetSchema>
export type Catalogue = z.infer<typeof catalogueSchema>
export type RowsView = z.infer<typeof rowsSchema>
export type SourceView = z.infer<typeof sourceSchema>
