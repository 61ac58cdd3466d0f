import type { S3Source } from '@backtide/datasets/dataset'
import { createEtagChecks } from './etag-check.ts'
import { createGetRange } from './get-range.ts'
import type { ObjectStore, OpenOptions } from './object-store.ts'
import { createPartBudget } from './read-object.ts'
import { checkS3Access } from './s3-access.ts'
import { createS3Client, type S3ClientOptions, type Timeouts } from './s3-client.ts'
import { createListingCheck } from './s3-listing.ts'
import { openS3Object } from './s3-object.ts'
import { createS3Verdict } from './s3-verdict.ts'
import { createWitnessProbe } from './witness-probe.ts'

/** How to reach and to read S3; credentials come from the SDK's own chain. */
export interface S3Options extends Omit<S3ClientOptions, 'timeouts'> {
  /** Milliseconds; what is not given keeps its default. */
  readonly timeouts?: Partial<Timeouts>
  /** Parts of 8 MiB that large objects may hold in memory together, read ahead of their readers. */
  readonly partsAhead?: number
}

/**
 * Object store over one bucket. Every request carries the requester-pays header where it must. An
 * object of up to 8 MiB is one request; a larger one comes in ranges of that size, some of them
 * ahead of the reader.
 */
export function createS3ObjectStore(source: S3Source, options: S3Options = {}): ObjectStore {
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const client = createS3Client(source, { ...options, timeouts })
  const { bucket } = source
  const get = createGetRange(client, source)
  const listing = createListingCheck(client, source)
  const probe = createWitnessProbe(bucket, get)
  const verdict = createS3Verdict({ bucket, listing, probe })
  const context = {
    bucket,
    get,
    budget: createPartBudget(options.partsAhead ?? PARTS_AHEAD),
    etags: createEtagChecks(),
    stallMs: timeouts.stallMs,
  }
  const open = async (key: string, asked: OpenOptions) => {
    const opened = await openS3Object(context, key, asked)
    if (opened.state === 'found' || opened.state === 'unchanged') probe.remember(key)
    return opened
  }
  return {
    open: async (key, asked) => {
      const opened = await open(key, asked)
      return 'reason' in opened ? await verdict(key, opened, asked) : opened
    },
    checkAccess: (keys, signal) => checkS3Access({ bucket, listing, open }, keys, signal),
  }
}

const TIMEOUTS: Timeouts = { connectMs: 10_000, answerMs: 30_000, stallMs: 20_000 }

/** One object alone is read by three connections; 16 MiB. */
const PARTS_AHEAD = 2
