import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'
import type { ObjectTally, RecordChunk } from '@backtide/datasets/decode/decoded-object'
import { createObjectDecoder } from '@backtide/datasets/decode/object-decoder'
import { readIlp, type IlpRow } from './ilp-reader.ts'

/** A decoded object. */
export interface Decoded {
  readonly chunks: readonly RecordChunk[]
  readonly bytes: Buffer
  readonly rows: readonly IlpRow[]
  readonly tally: ObjectTally
}

export interface DecodeOptions {
  /** Bytes given at a time. */
  readonly piece?: number
  readonly chunkBytes?: number
  readonly reorderBytes?: number
  /** False: every line is parsed in full. */
  readonly scan?: boolean
}

/** Decodes a whole object and reads its rows back. */
export function decodeObject(
  dataset: Dataset,
  object: ObjectContext,
  input: Uint8Array,
  options: DecodeOptions = {},
): Decoded {
  const { piece = 65_536, chunkBytes = 1 << 20, reorderBytes = 1 << 24, scan = true } = options
  const limits = { chunkBytes, reorderBytes }
  const decoder = createObjectDecoder(dataset, object, limits, { scan })
  const chunks: RecordChunk[] = []
  for (let at = 0; at < input.length; at += piece) {
    chunks.push(...decoder.push(input.subarray(at, at + piece)))
  }
  chunks.push(...decoder.end())
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes))
  return { chunks, bytes, rows: readIlp(bytes), tally: decoder.tally() }
}

/** Rows as plain objects with `ts`, in an order of their own: for comparing sets of rows. */
export function plainRows(rows: readonly IlpRow[]): Record<string, unknown>[] {
  const plain = rows.map(({ ts, values }) => ({ ts, ...values }))
  return sortRows(plain)
}

/** Rows and their columns in a fixed order. */
export function sortRows(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const ordered = rows.map((row) => Object.fromEntries(Object.entries(row).toSorted(byName)))
  return ordered
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row)
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
