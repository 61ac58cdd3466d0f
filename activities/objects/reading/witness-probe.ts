import { setTimeout as pause } from 'node:timers/promises'
import type { Account, Witnesses } from '../object-store.ts'
import type { GetRange } from './ranged-archive.ts'

/**
 * Finds out whether an archive can be read right now, folder by folder: policies name folders, so what
 * is read in one proves nothing about another.
 */
export interface WitnessProbe {
  /** Notes a key that could be read. */
  remember(key: string): void
  /**
   * Reads a byte of an object that is known to be there: of one of the folder that could be read before,
   * else of one of the caller's witnesses. The reading begins after the call, so that it proves something about
   * every answer seen before it; calls made meanwhile share the next one.
   * @throws SourceUnavailableError, AccessDeniedError, BadSourceError
   */
  probe(doubt: Doubt): Promise<Proof>
}

/** A key that was refused, which is not a witness of itself, and who can name witnesses. */
export interface Doubt {
  readonly key: string
  readonly witnesses?: Witnesses | undefined
  readonly account?: Account | undefined
}

export type Proof =
  | { readonly state: 'readable' }
  /** Nothing could be read; `refused` are the keys that should be there and were refused as well. */
  | { readonly state: 'unproven'; readonly refused: readonly string[] }

/** Keys remembered of a folder: one that is removed from the archive must not leave us without. */
const REMEMBERED = 3

/** Folders of which keys are remembered, those last asked about. */
const FOLDERS = 100

/** Keys tried of those that a caller names. */
const MOST_TRIED = 8

/** Creates the probe of one archive. */
export function createWitnessProbe(get: GetRange): WitnessProbe {
  const folders = new Map<string, WitnessProbe>()
  const probeOf = (key: string): WitnessProbe => {
    const folder = key.slice(0, key.indexOf('/') + 1)
    const probe = folders.get(folder) ?? createFolderProbe(get)
    folders.delete(folder)
    folders.set(folder, probe)
    if (folders.size > FOLDERS) folders.delete(folders.keys().next().value ?? '')
    return probe
  }
  return {
    remember: (key) => probeOf(key).remember(key),
    probe: (doubt) => probeOf(doubt.key).probe(doubt),
  }
}

function createFolderProbe(get: GetRange): WitnessProbe {
  const remembered: string[] = []
  return {
    remember: (key) => {
      if (remembered.includes(key)) return
      remembered.push(key)
      if (remembered.length > REMEMBERED) remembered.shift()
    },
    probe: shareNext(async (doubts: readonly Doubt[]): Promise<Proof> => {
      const doubted = new Set(doubts.map(({ key }) => key))
      const refused: string[] = []
      // Of those who share it one pays.
      const account = doubts.find((doubt) => doubt.account)?.account
      for await (const key of candidates(remembered.toReversed(), doubts)) {
        if (doubted.has(key)) continue
        const answer = await readByte(get, key, account)
        if (answer === 'readable') return { state: 'readable' }
        if (answer === 'refused') refused.push(key)
      }
      return { state: 'unproven', refused }
    }),
  }
}

/** Asks nobody for witnesses while those remembered are enough. */
async function* candidates(
  remembered: readonly string[],
  doubts: readonly Doubt[],
): AsyncGenerator<string> {
  yield* remembered
  const tried = new Set(remembered)
  const most = tried.size + MOST_TRIED
  for (const ask of new Set(doubts.map(({ witnesses }) => witnesses))) {
    for (const key of (await ask?.()) ?? []) {
      if (tried.has(key)) continue
      if (tried.size === most) return
      tried.add(key)
      yield key
    }
  }
}

async function readByte(
  get: GetRange,
  key: string,
  account: Account | undefined,
): Promise<'readable' | 'refused' | 'absent'> {
  const signal = new AbortController().signal
  const answer = await get({ key, range: { from: 0, to: 1 }, signal, account })
  if (answer.state === 'bytes') answer.body.destroy()
  // There is no first byte of an empty object, but that is said only to who may read it.
  if (answer.state === 'bytes' || answer.state === 'beyond') return 'readable'
  return answer.state === 'absent' ? 'absent' : 'refused'
}

/**
 * Work for all who ask before it begins: who asks while it goes on gets what comes next, which begins
 * `PAUSE_MS` after the last one ended.
 */
function shareNext<A, T>(work: (asked: readonly A[]) => Promise<T>): (ask: A) => Promise<T> {
  let free: Promise<unknown> = Promise.resolve()
  let next: { readonly asked: A[]; readonly answer: Promise<T> } | undefined
  return async (ask) => {
    if (!next) {
      const asked: A[] = []
      const answer = free.then(async () => {
        next = undefined
        return await work(asked)
      })
      free = answer.catch(() => {}).then(() => pause(PAUSE_MS))
      next = { asked, answer }
    }
    next.asked.push(ask)
    return await next.answer
  }
}

/** A partition's absent objects answer one after the other: they gather, in milliseconds. */
const PAUSE_MS = 100
