import { createKeptBucket, type BucketPlace } from '@backtide/activities/objects/kept/bucket'
import { createKeptFolder } from '@backtide/activities/objects/kept/folder'
import { keepObjects } from '@backtide/activities/objects/kept/keeping-store'
import type { KeptObjects } from '@backtide/activities/objects/kept/kept-objects'
import { createSpools, type OnTrouble } from '@backtide/activities/objects/kept/spool'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where fetched objects are kept: an absolute folder, or a bucket. */
export type KeepRaw = { readonly folder: string } | BucketPlace

/** Reads a folder, or `s3://bucket/prefix`; undefined when it looks like a URL and is no such one. */
export function readKeepRaw(text: string, region: string): KeepRaw | undefined {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
  if (bucket === undefined) return text.includes('://') ? undefined : { folder: resolve(text) }
  const folders = prefix.split('/').filter(Boolean)
  return { bucket, region, prefix: folders.map((name) => `${name}/`).join('') }
}

/** Has the object stores of sources keep what they fetch, under `<source>/<key>`. */
export function createKeeper(
  place: KeepRaw,
  onTrouble: OnTrouble,
  endpoint?: string,
): (source: string, store: ObjectStore) => ObjectStore {
  const parts = 'folder' in place ? join(place.folder, '.parts') : temporaryFolder()
  const spools = createSpools(parts, onTrouble)
  return (source, store) =>
    keepObjects(store, { kept: keptOf(place, source, endpoint), spools, onTrouble })
}

function keptOf(place: KeepRaw, source: string, endpoint: string | undefined): KeptObjects {
  if ('folder' in place) return createKeptFolder(join(place.folder, source))
  const prefix = `${place.prefix}${source}/`
  return createKeptBucket({ ...place, prefix }, endpoint === undefined ? {} : { endpoint })
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'backtide-'))
}
