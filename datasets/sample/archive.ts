import type { S3Source, Source } from '../dataset.ts'

/** Venue of rows that are made up: no query of a real venue finds them. */
export const MADE_UP = { exchange: 'sample' } as const

/** Bucket of the sample, made and filled by the local stack (stack/sample). */
export const SAMPLE_BUCKET = 'backtide-sample'

/** The sample archive has the keys of the archive that it imitates. */
export function sampleArchive({ objects }: Pick<Source, 'objects'>): S3Source {
  return {
    name: SAMPLE_BUCKET,
    kind: 's3',
    bucket: SAMPLE_BUCKET,
    region: 'us-east-1',
    requesterPays: false,
    objects,
  }
}
