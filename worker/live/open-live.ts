import type { LiveHost } from '@backtide/activities/live/collect'
import { startUploader, type Uploader } from '@backtide/collector/capture/uploader'
import { CAPTURES, openHost, type Host, type HostOptions } from '@backtide/collector/host'
import type { Store } from '@backtide/store/store'
import type { CaptureBucket } from '@backtide/collector/capture/uploader'
import type { Client } from '@temporalio/client'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClaims, type Claims } from './claims.ts'
import { createHoleWriter } from './hole-writer.ts'
import { lookAfter, type LookingAfter } from './look-after.ts'
import { nameOfHost, takeFolder } from './own-folder.ts'

export interface LiveOptions extends Pick<HostOptions, 'root' | 'venueOf' | 'flushMs' | 'timing'> {
  /** Where captures go; without it they stay in the folder. */
  readonly bucket?: CaptureBucket
  /** Keeps captures in the folder that the bucket has too, until room is needed. */
  readonly keepLocal: boolean
  /** Of this process, as Temporal knows it. */
  readonly identity: string
  readonly client: Client
  readonly store: Pick<Store, 'putHoles'>
  readonly alarm: (message: string, error?: unknown) => void
  /** How often it is asked whose something is that no attempt holds. */
  readonly lookMs?: number
}

/** What a process collects: the host, and all that it needs beside Temporal's worker. */
export interface Live extends LiveHost {
  readonly host: Host
  readonly uploader: Uploader | undefined
  /**
   * Ends attempts as planned, and collecting as soon as another host brings everything; at once where
   * there is no other, after `graceMs` at the latest. What is collected here then begins again at the
   * next start.
   */
  leave(graceMs: number): Promise<void>
}

const LOOK_MS = 5_000
/** In so long another host has taken what this one left, if there is one. */
const TAKEN_MS = 10_000
const SOON_MS = 500

/**
 * Takes the folder for this process, goes on with what was assigned to it, and uploads what is there.
 * Nothing here waits for Temporal, QuestDB or S3.
 * @throws ConfigError when another process has the folder
 */
export async function openLive(options: LiveOptions): Promise<Live> {
  const { root, store, bucket, keepLocal, alarm, client, identity } = options
  mkdirSync(root, { recursive: true, mode: 0o750 })
  const lock = await takeFolder(root)
  const server = nameOfHost(root)
  const holes = createHoleWriter({
    store,
    onTrouble: (error) => alarm('Holes wait for QuestDB; captures have them too', error),
  })
  const putHole: Parameters<typeof lookAfter>[0]['putHole'] = (found, hole) =>
    holes.put(found, hole)
  let uploader: Uploader | undefined
  const host = await openHost({
    ...options,
    server,
    onHole: (hole) => putHole(server, hole),
    onAlarm: alarm,
    onFinished: () => uploader?.wake(),
    makeRoom: async () => (await uploader?.makeRoom()) ?? false,
  })
  uploader =
    bucket && startUploader({ root: join(root, CAPTURES), bucket, keepLocal, onTrouble: alarm })
  const held = new Set<string>()
  const claims = createClaims(client, server, identity)
  const after = lookAfter({
    host,
    server,
    held,
    claims,
    everyMs: options.lookMs ?? LOOK_MS,
    putHole,
  })
  const leaving = new AbortController()

  return {
    server,
    host,
    uploader,
    held,
    leaving: leaving.signal,
    take: (assignment, brokeOff) => host.take(assignment, brokeOff),
    drop: (id) => host.drop(id),
    async leave(graceMs) {
      if (await claims.hasOthers()) await handOver({ leaving, host, held, after, claims, graceMs })
      await host.stop()
      leaving.abort()
      after.stop()
      await Promise.all([holes.close(), uploader?.stop()])
      lock.release()
    },
  }
}

/** Attempts end while collecting goes on, until others have taken everything. */
async function handOver({
  leaving,
  host,
  held,
  after,
  claims,
  graceMs,
}: {
  readonly leaving: AbortController
  readonly host: Host
  readonly held: ReadonlySet<string>
  readonly after: LookingAfter
  readonly claims: Claims
  readonly graceMs: number
}): Promise<void> {
  leaving.abort()
  const began = performance.now()
  for (;;) {
    const isLeft = held.size > 0 || (await after.look())
    const passed = performance.now() - began
    if (!isLeft || passed >= graceMs) return
    if (passed >= TAKEN_MS && !(await isTaken(host, claims))) return
    await sleep(Math.min(SOON_MS, graceMs - passed))
  }
}

/** Whether another host has anything that is still collected here. */
async function isTaken(host: Host, claims: Claims): Promise<boolean> {
  const all = await Promise.all(host.all().map(({ id }) => claims.of(id)))
  return all.some(({ kind }) => kind === 'taken')
}
