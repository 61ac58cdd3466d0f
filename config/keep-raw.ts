import { resolve } from 'node:path'
import { z } from 'zod'

/** Where fetched objects are kept: an absolute folder, or a bucket. */
export type KeepRaw =
  | { readonly folder: string }
  | {
      readonly bucket: string
      /** Goes before every key; ends with a slash. */
      readonly prefix: string
    }

/** A folder, or `s3://bucket/prefix`. */
export const keepRaw = z.string('must be text').transform((text, context): KeepRaw => {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
  if (bucket !== undefined) {
    const folders = prefix.split('/').filter(Boolean)
    return { bucket, prefix: folders.map((name) => `${name}/`).join('') }
  }
  if (!text.includes('://')) return { folder: resolve(text) }
  context.addIssue({ code: 'custom', message: 'must be a folder or s3://bucket/prefix' })
  return z.NEVER
})
