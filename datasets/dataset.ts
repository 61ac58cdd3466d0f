import type { Granularity } from '@backtide/core/partition'
import type { DataTable } from '@backtide/core/table'
import type { RowWriter } from './ilp/row-writer.ts'

/** One kind of data of one venue: where its objects are, how they read, which table they fill. */
export interface Dataset {
  /** `<venue>.<kind>`, for example `hyperliquid.l2_book`. */
  readonly id: string
  /** One sentence for people. */
  readonly title: string
  readonly granularity: Granularity
  /** `named`: an object holds one symbol; `all`: one object holds every symbol of its partition. */
  readonly symbols: 'named' | 'all'
  /** What a symbol of this venue may look like. */
  readonly symbolPattern: RegExp
  /** Values of its column `interval`, where it has one: an object then holds one symbol at one of them. */
  readonly intervals?: readonly string[]
  readonly source: Source
  /** First partition the archive has, UTC milliseconds. */
  readonly begins: number
  /** Age in days after which an absent object is `missing`, not `pending`. */
  readonly finalAfterDays: number
  readonly table: DataTable
  /** Name of the column that holds the venue's symbol. */
  readonly symbolColumn: string
  /** Columns that are the same in all rows of the dataset, and their values. */
  readonly constants: Readonly<Record<string, string>>
  /** Key columns that tell one record from another, wherever it came from: its rows may differ in others. */
  readonly record: readonly string[]
  /** How far the `ts` of a row may lie outside of the partition of its object, in milliseconds. */
  readonly reachMs: number
  /**
   * A partition is cut short when its first row comes so much after its start, or its last so much
   * before its end, in milliseconds, or when it has no rows. Absent where silence is usual.
   */
  readonly shortAfterMs?: number
  /** Integer SQL expression over a row; its sum over a record's rows is the `check` of the record. */
  readonly checksum: string
  /** Fields that can carry more than 15 significant digits, which a double does not keep. */
  readonly inexact: readonly string[]
  /** Decoders by date, ascending; the last has no `until`. */
  readonly formats: readonly Format[]
}

/** Where objects come from. */
export type Source = S3Source | HttpSource

interface Located {
  /** What configuration knows it by, for example `hyperliquid-archive`. */
  readonly name: string
  /**
   * Keys of the objects of a partition (start in UTC milliseconds) and series (`*` for all): mostly
   * one. Of `http` a path below the base URL.
   */
  objects(start: number, series: string): readonly string[]
}

/** A bucket and the keys in it. */
export interface S3Source extends Located {
  readonly kind: 's3'
  readonly bucket: string
  readonly region: string
  readonly requesterPays: boolean
}

/** Files at URLs. */
export interface HttpSource extends Located {
  readonly kind: 'http'
  readonly baseUrl: string
  /** Whether `<key>.CHECKSUM` holds the SHA-256 of an object. */
  readonly checksums: boolean
}

/** One format of a dataset: valid for partitions that start before `until` (UTC milliseconds). */
export interface Format {
  readonly until?: number
  /** Goes up with every change that makes the same object give other rows. */
  readonly version: number
  readonly createLineDecoder: (object: ObjectContext) => LineDecoder
  /**
   * A last line without its line end is rejected as `cut_off`: for lines that still read well when
   * they lose their end. A JSON line is whole or not by itself.
   */
  readonly needsLineEnd?: true
  /** Reads the usual form of a line faster; what it leaves goes to the line decoder. */
  readonly createLineScanner?: (object: ObjectContext) => LineScanner
}

/** The object a decoder reads. */
export interface ObjectContext {
  readonly symbol: string
  /** Bounds of its partition, UTC milliseconds. */
  readonly from: number
  readonly to: number
}

/**
 * Reads one line (without its line end), writes its rows to `records.rows` and says what they are,
 * or rejects it. Lines come in file order.
 * @throws HeaderChangedError when the object is of a format this decoder does not know
 */
export type LineDecoder = (line: Buffer, records: RecordSink) => void

/**
 * Gives `records` exactly what the line decoder of its format would, or returns false when the line
 * is not of the form it knows: then nothing was committed, rejected or warned of. It never guesses,
 * and leaves every line that is to be rejected to the line decoder.
 * @throws HeaderChangedError as the line decoder does
 */
export type LineScanner = (line: Buffer, records: RecordSink) => boolean

/** Where a line decoder puts what it read. */
export interface RecordSink {
  /** Rows written since the last `commit` belong to the next one; a rejection takes them back. */
  readonly rows: RowWriter
  commit(record: RecordFacts): void
  reject(reason: RejectReason): void
  warn(warning: string): void
}

/** What is known of one record: the rows of one line, at least one. */
export interface RecordFacts {
  /** Exchange time, UTC microseconds: the designated timestamp of all its rows. */
  readonly ts: number
  readonly symbol: string
  /** Tells records of equal `ts` and `symbol` apart; of records equal in all three only one stays. */
  readonly identity: string | number
  /** Of equal records the one with the highest rank stays, the later line among equals. */
  readonly rank: number
  readonly rows: number
  /** Sum over its rows of what `Dataset.checksum` gives in SQL; a safe integer. */
  readonly check: number
}

/** Why a line is not loaded. */
export type RejectReason =
  | 'not_json'
  | 'wrong_shape'
  | 'wrong_symbol'
  | 'wrong_channel'
  | 'outside_partition'
  | 'time_apart'
  | 'cut_off'
  | 'not_finite'
  | 'negative'
