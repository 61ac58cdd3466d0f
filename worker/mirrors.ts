import { readBaseUrl } from '@backtide/activities/objects/http/http-store'
import type { S3Place } from '@backtide/activities/objects/s3/client'
import type { HttpSource, RestSource, Source } from '@backtide/datasets/dataset'
import { z } from 'zod'

/** Where sources are read instead, by name. Keys, in the ledger too, stay those of the source. */
export type Mirrors = ReadonlyMap<string, Mirror>

export type Mirror = Source & Pick<S3Place, 'prefix'>

/**
 * Reads `{"hyperliquid-archive":{"bucket":"mirror","prefix":"hl/"}}`: what is not given stays as the
 * source has it. Every source and field has to be one there is.
 */
export function mirrorsOf(sources: readonly Source[]) {
  const names = [...new Set(sources.map(({ name }) => name))]
  const schema = z.strictObject(
    Object.fromEntries(sources.map((source) => [source.name, mirrorOf(source).optional()])),
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `${String(keys)} is no source; known are ${names.join(', ')}`
          : undefined,
    },
  )
  return z
    .string()
    .transform(parseJson)
    .pipe(schema)
    .transform((given): Mirrors => new Map(Object.entries(given).flatMap(present)))
}

function mirrorOf(source: Source) {
  // What zod calls undefined is what the JSON does not have.
  switch (source.kind) {
    case 's3':
      return s3Fields.transform((given): Mirror => ({ ...source, ...(given as Partial<S3Place>) }))
    case 'http':
      return httpFields.transform((given): Mirror => ({
        ...source,
        ...(given as Partial<HttpSource>),
      }))
    default:
      return restFields.transform((given): Mirror => restMirror(source, given))
  }
}

function restMirror(source: RestSource, given: z.output<typeof restFields>): Mirror {
  const { baseUrl = source.baseUrl, weightPerMinute = source.limit.weightPerMinute } = given
  return { ...source, baseUrl, limit: { ...source.limit, weightPerMinute } }
}

function present([name, mirror]: [string, Mirror | undefined]): [string, Mirror][] {
  return mirror ? [[name, mirror]] : []
}

function parseJson(text: string, context: z.core.$RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' })
    return z.NEVER
  }
}

const s3Fields = z
  .strictObject({
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
    prefix: z.string().regex(/^(?!\/)(?!.*\/\/)(?:.*\/)?$/, 'must end with a slash, not begin so'),
    region: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a region'),
    requesterPays: z.boolean(),
  })
  .partial()

const httpFields = z.strictObject({ baseUrl: z.string().superRefine(checkBaseUrl) }).partial()

const restFields = z
  .strictObject({
    baseUrl: z.string().superRefine(checkBaseUrl),
    weightPerMinute: z.number().min(100).max(100_000),
  })
  .partial()

function checkBaseUrl(text: string, context: z.core.$RefinementCtx): void {
  try {
    readBaseUrl(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
}
