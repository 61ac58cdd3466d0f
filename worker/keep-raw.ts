import { createKeptBucket, type BucketPlace } from '@backtide/activities/objects/kept/bucket'
import { createKeptFolder } from '@backtide/activities/objects/kept/folder'
import { keepObjects } from '@backtide/activities/objects/kept/keeping-store'
import type { KeptObjects } from '@backtide/activities/objects/kept/kept-objects'
import { createSpools, type OnTrouble } from '@backtide/activities/objects/kept/spool'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import type { S3Options } from '@backtide/activities/objects/s3/client'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

/** Where fetched objects are kept: an absolute folder, or a bucket. */
export type RawPlace = { readonly folder: string } | BucketPlace

/** Has the object stores of sources keep what they fetch, under `<source>/<key>`. */
export function createKeeper(
  place: RawPlace,
  onTrouble: OnTrouble,
  reached: S3Options,
): (source: string, store: ObjectStore) => ObjectStore {
  const parts = 'folder' in place ? join(place.folder, '.parts') : temporaryFolder('raw')
  const spools = createSpools(parts, onTrouble)
  return (source, store) =>
    keepObjects(store, {
      kept: keptOf(place, source, reached),
      areNear: 'folder' in place,
      spools,
      onTrouble,
    })
}

function keptOf(place: RawPlace, source: string, reached: S3Options): KeptObjects {
  if ('folder' in place) return createKeptFolder(join(place.folder, source))
  const prefix = `${place.prefix}${source}/`
  return createKeptBucket({ ...place, prefix }, reached)
}
