import { createHash } from 'node:crypto'
import { SourceUnavailableError } from '../errors.ts'
import type { FoundObject, ObjectStore, OpenedObject, OpenOptions } from '../object-store.ts'
import type { KeptObject, KeptObjects } from './kept-objects.ts'
import type { OnTrouble, Spool, Spools } from './spool.ts'
import { createUnderWay, type Fetch } from './under-way.ts'

export interface Keeping {
  readonly kept: KeptObjects
  readonly spools: Spools
  /** Told of everything that has an object not kept or not found; the object is loaded all the same. */
  readonly onTrouble: OnTrouble
  /** Milliseconds that who wants the same object waits while nothing of it arrives. */
  readonly patienceMs?: number
  /** What is kept counts only as long as the archive has no other version, whoever asks. */
  readonly current?: true
  /** Copies are looked up without a request: plans look each of theirs up. */
  readonly areNear?: boolean
  /** Whether what is fetched now is worth keeping; all is when absent. */
  readonly keeps?: () => Promise<boolean>
}

/**
 * Object store that keeps what it fetches, whole and verified bodies only, and reads there first.
 *
 * What is kept is taken for the object without a request. The archive is asked, on the condition that
 * it has another version than the kept one, where the caller knows a version (`unlessEtag`) or wants
 * the `current` one. An object that is being fetched is waited for as long as its bytes move, so that
 * datasets over one object fetch it once.
 */
export function keepObjects(archive: ObjectStore, keeping: Keeping): ObjectStore {
  const { kept, onTrouble, patienceMs = PATIENCE_MS, current = false, keeps } = keeping
  const underWay = createUnderWay(patienceMs)

  async function find(key: string): Promise<KeptObject | undefined> {
    return await kept.find(key).catch((error: unknown) => {
      onTrouble(error)
      return undefined
    })
  }

  async function fetch(key: string, { isKept, ...options }: Asked): Promise<OpenedObject> {
    if (!isKept) return await archive.open(key, options)
    const fetching = underWay.begin(key)
    try {
      const opened = await archive.open(key, options)
      if (opened.state === 'found') return await keepPassing(keeping, key, opened, fetching)
      fetching.end()
      return opened
    } catch (error) {
      fetching.end()
      throw error
    }
  }

  async function compare(key: string, copy: KeptObject, options: Asked) {
    const opened = await fetch(key, { ...options, unlessEtag: copy.etag })
    if (opened.state === 'unchanged') {
      return copy.etag === options.unlessEtag ? opened : openCopy(kept, key, copy, options)
    }
    if (opened.state !== 'found' || opened.etag !== options.unlessEtag) return opened
    opened.close()
    return { state: 'unchanged' } as const
  }

  async function open(key: string, options: OpenOptions): Promise<OpenedObject> {
    const isFree = await underWay.wait(key, options.signal)
    const copy = await find(key)
    const asked = { ...options, isKept: !keeps || (await keeps()) }
    // Somebody may have begun while this one looked.
    if (isFree && underWay.isBusy(key)) return await open(key, options)
    if (!copy) return await fetch(key, asked)
    if (!options.unlessEtag && !options.current && !current) {
      return openCopy(kept, key, copy, options)
    }
    return copy.etag ? await compare(key, copy, asked) : await fetch(key, asked)
  }

  return {
    checkAccess: (keys, options) => archive.checkAccess(keys, options),
    list: (prefix, options) => archive.list(prefix, options),
    ...(keeping.areNear && !current && { keptCopy: find }),
    listPage: async (request) => await archive.listPage?.(request),
    open,
  }
}

interface Asked extends OpenOptions {
  /** What is fetched is kept. */
  readonly isKept: boolean
}

const PATIENCE_MS = 5_000

/** The same object, whose bytes go to a file as well while they pass. */
async function keepPassing(
  keeping: Keeping,
  key: string,
  opened: FoundObject,
  fetching: Fetch,
): Promise<FoundObject> {
  const spool = await keeping.spools.open()
  const drop = () => {
    spool.drop()
    fetching.end()
  }
  let whole = false
  async function* passing() {
    try {
      for await (const bytes of opened.body) {
        fetching.moved += bytes.length
        spool.write(bytes)
        yield bytes
      }
      whole = true
    } finally {
      if (whole) void keep(keeping, key, opened.etag, spool).then(drop)
      else drop()
    }
  }
  const close = () => {
    opened.close()
    if (!whole) drop()
  }
  return { ...opened, body: passing(), close }
}

/** Never rejects, and nobody's load waits for it. */
async function keep(
  { kept, onTrouble }: Keeping,
  key: string,
  etag: string,
  spool: Spool,
): Promise<void> {
  try {
    const copy = await spool.finish()
    if (copy) await kept.put(key, { ...copy, etag })
  } catch (error) {
    onTrouble(error)
  }
}

function openCopy(
  kept: KeptObjects,
  key: string,
  copy: KeptObject,
  { signal }: OpenOptions,
): FoundObject {
  const closing = new AbortController()
  const reading = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
  const { etag, size } = copy
  const body = readWhole(kept, key, copy, reading)
  return { state: 'found', etag, size, body, close: () => closing.abort() }
}

/**
 * Gives the bytes of a copy. One that is damaged is thrown away: the next to ask fetches the object.
 * @throws SourceUnavailableError when these are not the bytes that were fetched
 */
async function* readWhole(
  kept: KeptObjects,
  key: string,
  copy: KeptObject,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  try {
    for await (const bytes of copy.read(signal)) {
      hash.update(bytes)
      yield bytes
    }
    if (hash.digest('hex') !== copy.sha256) throw new Error('its SHA-256 is another')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SourceUnavailableError) throw error
    await kept.remove(key).catch(() => {})
    const message = `the kept copy of ${key} is damaged and thrown away; the object is fetched again`
    throw new SourceUnavailableError(message, { cause: error })
  }
}
