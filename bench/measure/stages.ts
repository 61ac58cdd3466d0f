import { createBufferPool } from '@backtide/activities/threads/buffer-pool'
import { createFrameReader } from '@backtide/datasets/containers/lz4/frame-reader'
import { createObjectDecoder } from '@backtide/datasets/decode/object-decoder'
import { HOUR_MS } from '@backtide/core/range'
import { readFile } from 'node:fs/promises'
import { bodiesOf, sendBodies } from '../ceiling.ts'
import type { Finding, Line } from '../finding.ts'
import { firstHours, type Input, type InputObject } from '../input/archive.ts'
import type { Layout } from '../layout.ts'
import { openLoadPath, type LoadPath } from '../load-path.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { watchProcessors } from '../watch-processors.ts'
import { interleave } from '../series.ts'
import { expectRows, forgetAll, setApplying, untilApplied } from '../tables.ts'
import { timeLoad } from '../time-load.ts'
import { MAIN_INPUT } from './inputs.ts'

/** What each stage costs when it is alone, over the same input. */
export async function measureStages(
  place: Place,
  options: Options,
  layout: Layout,
): Promise<Finding> {
  const input = await place.archive.fill(MAIN_INPUT(options))
  const path = openLoadPath(place)
  try {
    const { dataset } = layout
    const bodies = await bodiesOf(path, dataset, input)
    await decodeHere(layout, firstHours(input, 1))
    const split = createSplit(place, layout, input, bodies)
    const processors = watchProcessors({
      Backtide: process.pid,
      QuestDB: place.questdb.process.pid,
      'the S3 gateway': place.s3.process.pid,
    })
    const stages = await interleave(options.runs, {
      fetch: () => secondsOf(() => fetchAll(path, layout, input)),
      lz4: () => secondsOf(() => unpackAll(input)),
      decodeHere: () => secondsOf(() => decodeHere(layout, input)),
      decodeInPool: () => secondsOf(() => decodeInPool(path, layout, input)),
      send: split.send,
      apply: split.apply,
      whole: () =>
        processors.during(() => timeLoad(place, layout, input, () => path.load(dataset, input))),
    })
    return findingOf(layout, input, path.threads, { stages, processors: processors.lines })
  } finally {
    await path.close()
  }
}

interface Measured {
  readonly stages: Readonly<Record<Stage, readonly number[]>>
  readonly processors: readonly Line[]
}

type Stage = 'fetch' | 'lz4' | 'decodeHere' | 'decodeInPool' | 'send' | 'apply' | 'whole'

function findingOf(
  { name }: Layout,
  { books }: Input,
  threads: number,
  { stages, processors }: Measured,
): Finding {
  const line = (what: string, stage: Stage) => ({ name: what, unit: 's', values: stages[stage] })
  const lines = [
    line('fetch from S3', 'fetch'),
    line('LZ4, one thread', 'lz4'),
    line('LZ4 + scan + encode, one thread', 'decodeHere'),
    line(`LZ4 + scan + encode, pool of ${threads}`, 'decodeInPool'),
    line('send, one connection', 'send'),
    line('apply', 'apply'),
    line('all of it, overlapping', 'whole'),
    ...processors,
  ]
  return { sections: [{ title: `Stages, ${name}: ${books} books`, lines }], summary: {} }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function fetchAll(path: LoadPath, { dataset }: Layout, input: Input): Promise<void> {
  for (const { start, coin, file } of input.objects) {
    const [key = ''] = dataset.source.objects(start, coin)
    const opened = await path.objectsOf(dataset).open(key, {})
    if (opened.state !== 'found') throw new Error(`${file} is ${opened.state} in S3`)
    let bytes = 0
    for await (const piece of opened.body) bytes += piece.length
    if (bytes !== opened.size) throw new Error(`${file} came with ${bytes} bytes`)
  }
}

async function unpackAll(input: Input): Promise<void> {
  for (const { file, bytes } of input.objects) {
    const reader = createFrameReader()
    let unpacked = 0
    for (const chunk of reader.push(await readFile(file))) unpacked += chunk.length
    reader.end()
    if (unpacked !== bytes) throw new Error(`${file} unpacks to ${unpacked} bytes`)
  }
}

async function decodeHere({ dataset, rowsPerBook }: Layout, input: Input): Promise<void> {
  for (const object of input.objects) {
    const decoder = createObjectDecoder(dataset, contextOf(object), LIMITS)
    for (const chunk of decoder.push(await readFile(object.file))) void chunk
    for (const chunk of decoder.end()) void chunk
    check(object, decoder.tally().distinctRows, rowsPerBook)
  }
}

/** As many objects at once as there are threads. */
async function decodeInPool(
  { pool, threads }: LoadPath,
  { dataset, rowsPerBook }: Layout,
  input: Input,
): Promise<void> {
  const left = input.objects.values()
  const buffers = createBufferPool()
  const work = async () => {
    for (const object of left) {
      const context = { ...contextOf(object), ...LIMITS, dataset: dataset.id }
      const decoding = pool.decode({
        ...context,
        pieceBytes: 256 * 1024,
        chunksAhead: 2,
        buffers,
        body: pieces(await readFile(object.file)),
      })
      while (await decoding.next());
      check(object, decoding.tally().distinctRows, rowsPerBook)
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
}

/** Pieces of the size that bodies arrive in. */
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE) {
    yield bytes.subarray(start, start + PIECE)
  }
}

/** Sending while nothing is applied, and then applying what was sent. */
function createSplit(place: Place, layout: Layout, input: Input, bodies: readonly Buffer[]) {
  const { store, questdb } = place
  const { name } = layout.dataset.table
  return {
    send: async () => {
      await forgetAll(store)
      await setApplying(store, name, false)
      return await secondsOf(() => sendBodies(questdb.clientConf, bodies, 1))
    },
    apply: async () => {
      const seconds = await secondsOf(async () => {
        await setApplying(store, name, true)
        await untilApplied(store, name)
      })
      await expectRows(store, name, input.books * layout.rowsPerBook)
      return seconds
    },
  }
}

function contextOf({ coin, start }: InputObject) {
  return { symbol: coin, from: start, to: start + HOUR_MS }
}

function check({ file, books }: InputObject, rows: number, rowsPerBook: number): void {
  if (rows !== books * rowsPerBook) throw new Error(`${file} decodes to ${rows} rows`)
}

/** A load's limits for one object, see `activities/load/read-ahead.ts`. */
const LIMITS = { chunkBytes: 1024 * 1024, reorderBytes: 4 * 1024 * 1024 }

const PIECE = 64 * 1024
