import { resolve } from 'node:path'
import { ROLES, type Role } from '@backtide/core/ids'
import type { Timing } from '@backtide/core/timing'
import { z } from 'zod'
import { only } from '../only.ts'
import { whole } from '../setting.ts'

/**
 * AnySignal's runners, of its variable RUNNERS: requests and the backfills that they start, and fear and greed.
 * Here the API is a process of its own, and two roles are what it starts; a key turns fear and greed on.
 */
const RUNNERS = ['api', 'coinmarketcap'] as const

/** What a worker does. */
export const roles = z
  .array(z.enum([...ROLES, ...RUNNERS], `must be of ${ROLES.join(', ')}`), 'must be a list')
  .min(1, `must name one of ${ROLES.join(', ')}`)
  .transform((names): readonly Role[] => {
    const meant = names.flatMap((name) =>
      name === 'api' || name === 'coinmarketcap' ? BACKFILLING : [name],
    )
    return [...new Set(meant)]
  })

const BACKFILLING: readonly Role[] = ['control', 'load']

/** Where fetched objects are kept: an absolute folder, or a bucket. */
export type KeepRaw = { readonly folder: string } | BucketPlace

/** A bucket, and what goes before every key of ours in it: empty, or with a slash at its end. */
export interface BucketPlace {
  readonly bucket: string
  readonly prefix: string
}

/** `s3://bucket/prefix` */
export const bucket = z.string('must be text').transform((text, context): BucketPlace => {
  const place = bucketOf(text)
  if (place) return place
  context.addIssue({ code: 'custom', message: 'must be s3://bucket/prefix' })
  return z.NEVER
})

function bucketOf(text: string): BucketPlace | undefined {
  const [, name, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
  const folders = prefix.split('/').filter(Boolean)
  return name === undefined
    ? undefined
    : { bucket: name, prefix: folders.map((folder) => `${folder}/`).join('') }
}

/** A folder, or `s3://bucket/prefix`. */
export const keepRaw = z.string('must be text').transform((text, context): KeepRaw => {
  const place = bucketOf(text)
  if (place) return place
  if (!text.includes('://')) return { folder: resolve(text) }
  context.addIssue({ code: 'custom', message: 'must be a folder or s3://bucket/prefix' })
  return z.NEVER
})

const milliseconds = whole(1, 86_400_000).optional()

/** Some of the timeouts and waits of a backfill. */
export const tempo = only('field', {
  heartbeatTimeout: milliseconds,
  loadTimeout: milliseconds,
  controlTimeout: milliseconds,
  retryInitialInterval: milliseconds,
  retryMaximumInterval: milliseconds,
  deferInitial: milliseconds,
  deferMaximum: milliseconds,
  dayRestarts: z.array(whole(1, 86_400_000), 'must be a list').max(10).optional(),
} satisfies Record<keyof Timing, z.ZodType>).transform((given) => given as Partial<Timing>)
