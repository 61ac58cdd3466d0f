import { readBaseUrl } from '@backtide/datasets/base-url'
import type { HttpSource } from '@backtide/datasets/dataset'
import type { ObjectStore } from '../object-store.ts'
import { createRangedStore, TIMEOUTS, type ReadOptions } from '../reading/ranged-store.ts'
import { createGetRange } from './get-range.ts'
import { persistently } from './persist.ts'
import { createSendGet } from './request.ts'

/** Where files are. */
export type HttpPlace = Pick<HttpSource, 'baseUrl' | 'checksums'>

/**
 * Object store over files at URLs. No credentials are sent. Absent is what answers 404 or 410, and
 * never what is forbidden.
 * @throws Error when the base URL is none
 */
export function createHttpObjectStore(place: HttpPlace, options: ReadOptions = {}): ObjectStore {
  const base = readBaseUrl(place.baseUrl)
  const { onThrottle } = options
  const send = createSendGet({ ...TIMEOUTS, ...options.timeouts })
  return createRangedStore(
    {
      name: base.href,
      get: createGetRange(base, persistently({ send, onThrottle })),
      checksums: place.checksums,
      remedies: {
        access: REMEDY,
        revoked: REMEDY,
        unproven: `and so may be all others: ${REMEDY}`,
      },
    },
    options,
  )
}

const REMEDY = 'the host may refuse this address or country; set a mirror in BACKTIDE_SOURCES'
