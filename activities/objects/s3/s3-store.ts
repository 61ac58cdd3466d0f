import type { ObjectStore } from '../object-store.ts'
import { createRangedStore } from '../reading/ranged-store.ts'
import { createS3Client, type S3Options, type S3Place } from './client.ts'
import { createGetRange } from './get-range.ts'
import { createListingCheck } from './listing.ts'
import { nameOf } from './refusal.ts'

/** Object store over one bucket. Every request carries the requester-pays header where it must. */
export function createS3ObjectStore(place: S3Place, options: S3Options = {}): ObjectStore {
  const client = createS3Client(place, options)
  return createRangedStore(
    {
      name: nameOf(place.bucket),
      get: createGetRange(client, place),
      listing: createListingCheck(client, place),
      remedies: {
        access: 'check the credentials and that they may make requester-pays requests',
        revoked: "check the credentials and the bucket's policy",
        unproven:
          'which where listing is forbidden as well also means absent; ' +
          'no object is known whose reading could tell. ' +
          'Allow s3:ListBucket, or first load a range that has objects',
      },
    },
    options,
  )
}
