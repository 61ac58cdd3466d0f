import { readBaseUrl } from '@backtide/datasets/base-url'
import type { RestSource, Source } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { z } from 'zod'
import { only } from './only.ts'
import { matching } from './setting.ts'

/** Where sources are read instead, by name. Keys, in the ledger too, stay those of the source. */
export type Mirrors = ReadonlyMap<string, Mirror>

/** `prefix` goes before every key of a bucket. */
export type Mirror = Source & { readonly prefix?: string }

/**
 * Reads `{"hyperliquid-archive":{"bucket":"mirror","prefix":"hl/"}}`: what is not given stays as the
 * source has it. Every source and field has to be one there is.
 */
export function mirrorsOf(sources: readonly Source[]) {
  const shape = Object.fromEntries(sources.map((one) => [one.name, mirrorOf(one).optional()]))
  return only('source', shape).transform(
    (given): Mirrors => new Map(Object.entries(given).flatMap(present)),
  )
}

function mirrorOf(source: Source) {
  // What zod calls undefined is what the JSON does not have.
  switch (source.kind) {
    case 's3':
      return s3Fields.transform((given): Mirror => ({ ...source, ...(given as object) }))
    case 'http':
      return httpFields.transform((given): Mirror => ({ ...source, ...(given as object) }))
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

const s3Fields = only('field', {
  bucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket').optional(),
  prefix: matching(/^(?!\/)(?!.*\/\/)(?:.*\/)?$/, 'must end with a slash, not begin so').optional(),
  region: matching(/^[a-z0-9-]{1,40}$/, 'must be a region').optional(),
  requesterPays: z.boolean('must be true or false').optional(),
})

const httpFields = only('field', {
  baseUrl: z.string('must be a URL').superRefine(checkBaseUrl).optional(),
})

const restFields = only('field', {
  baseUrl: z.string('must be a URL').superRefine(checkBaseUrl).optional(),
  weightPerMinute: z
    .number('must be a number')
    .min(100, 'must be 100 or more')
    .max(100_000, 'must be 100000 at most')
    .optional(),
})

function checkBaseUrl(text: string, context: z.core.$RefinementCtx): void {
  try {
    readBaseUrl(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
}

/** Mirrors of the sources there are. */
export const mirrors = mirrorsOf(registry.all.map(({ source }) => source))
