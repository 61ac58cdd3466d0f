import { AccessDeniedError } from '../errors.ts'
import type { ObjectStore, OpenedObject, OpenOptions } from '../object-store.ts'
import { createChecksumFiles, type ReadSmall } from './checksum-files.ts'
import { createEtagChecks } from './etag-check.ts'
import { openObject, type ObjectContext } from './open-object.ts'
import type { Doubtful, RangedArchive, Refusal } from './ranged-archive.ts'
import { createPartBudget } from './read-object.ts'
import { createVerdict } from './verdict.ts'
import { createWitnessProbe } from './witness-probe.ts'

/** How an archive is read, whatever it is. */
export interface ReadOptions {
  /** Milliseconds; what is not given keeps its default. */
  readonly timeouts?: Partial<Timeouts>
  /** Parts of 8 MiB that large objects may hold in memory together, read ahead of their readers. */
  readonly partsAhead?: number
  /** Told of every answer that asks for fewer requests, also of those that are tried again. */
  readonly onThrottle?: () => void
}

/** How long an archive may be silent, in milliseconds. */
export interface Timeouts {
  /** Until a connection stands, waiting for a free socket included. */
  readonly connectMs: number
  /** From the request to the first byte of the answer. */
  readonly answerMs: number
  /** Between two pieces of a body, while its reader waits. */
  readonly stallMs: number
}

export const TIMEOUTS: Timeouts = { connectMs: 10_000, answerMs: 30_000, stallMs: 20_000 }

/**
 * Sockets to one archive: every open object holds one, and loads open the next partition while
 * they read this one. Loads that wait for each other's sockets would wait for good, so there are
 * more than the largest loads use together; a request that finds none ends by `connectMs`.
 */
export const AGENT = { keepAlive: true, maxSockets: 4096, maxFreeSockets: 256 }

/**
 * Object store over an archive. An object of up to 8 MiB is one request; a larger one comes in ranges
 * of that size, some of them ahead of the reader.
 */
export function createRangedStore(archive: RangedArchive, options: ReadOptions): ObjectStore {
  const probe = createWitnessProbe(archive.get)
  const verdict = createVerdict(archive, probe)
  const plain = {
    get: archive.get,
    budget: createPartBudget(options.partsAhead ?? PARTS_AHEAD),
    etags: createEtagChecks(),
    stallMs: options.timeouts?.stallMs ?? TIMEOUTS.stallMs,
  }
  const context = archive.checksums
    ? { ...plain, sums: createChecksumFiles(readSmall(plain)) }
    : plain
  const open = async (key: string, asked: OpenOptions) => {
    const opened = await openObject(context, key, asked)
    if (opened.state === 'found' || opened.state === 'unchanged') probe.remember(key)
    return opened
  }
  return {
    open: async (key, asked) => {
      const opened = await open(key, asked)
      return isUnclear(opened) ? await verdict(key, opened, asked) : opened
    },
    checkAccess: async (keys, asking = {}) => {
      const listed = await archive.listing?.ask(keys[0] ?? '', asking)
      asking.signal?.throwIfAborted()
      if (listed) return
      for (const key of keys) {
        const opened = await open(key, asking)
        if (opened.state === 'found') opened.close()
        // Where absent keys are hidden behind refusals, any other answer proves as much as bytes.
        if (opened.state !== 'denied') return
      }
      throw noneAllowed(archive, keys.length)
    },
    list: async (prefix, asking) => await archive.listing?.keys(prefix, asking),
    listPage: async (request) => await archive.listing?.page(request),
  }
}

function isUnclear(opened: OpenedObject | Refusal): opened is Doubtful {
  return opened.state === 'denied' || opened.state === 'rejected'
}

/** More than this is no small object, in bytes. */
const MOST_SMALL = 4096

function readSmall(context: ObjectContext): ReadSmall {
  return async (key, signal) => {
    const opened = await openObject(context, key, { signal })
    if (opened.state !== 'found') return undefined
    try {
      if (opened.size > MOST_SMALL) return undefined
      const pieces: Uint8Array[] = []
      for await (const piece of opened.body) pieces.push(piece)
      return Buffer.concat(pieces)
    } finally {
      opened.close()
    }
  }
}

function noneAllowed({ name, listing, remedies }: RangedArchive, tried: number): Error {
  const none = listing ? 'neither listing nor any' : 'none'
  return new AccessDeniedError(
    name,
    `${none} of ${tried} objects tried is allowed; ${remedies.access}`,
  )
}

/** One object alone is read by three connections; 16 MiB. */
const PARTS_AHEAD = 2
