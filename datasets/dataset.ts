import type { Granularity } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { RequestLimit } from '@backtide/core/request-limit'
import type { DataTable } from '@backtide/core/table'
import type { ContainerKind } from './containers/container.ts'
import type { RowOrigin, RowWriter } from './ilp/row-writer.ts'

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
  /** The venue's symbol for other names that people have for it: `BTC/USD`. */
  coinOf?(written: string): string
  /** Values of its column `interval`, where it has one: an object then holds one symbol at one of them. */
  readonly intervals?: readonly string[]
  readonly source: Source
  /** First partition the archive has, UTC milliseconds. */
  readonly begins: number
  /** How far back from now the venue has anything, in milliseconds by interval; absent where nothing goes. */
  readonly keptMs?: Readonly<Record<string, number>>
  /** Dataset whose rows can rebuild what the venue does not have any more. */
  readonly madeOf?: string
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
   * before its end, in milliseconds (by interval where they differ), or when it has no rows. Absent
   * where silence is usual.
   */
  readonly shortAfterMs?: number | Readonly<Record<string, number>>
  /** Integer SQL expression over a row; its sum over a record's rows is the `check` of the record. */
  readonly checksum: string
  /** Fields that can carry more than 15 significant digits, which a double does not keep. */
  readonly inexact: readonly string[]
  /** Decoders by date, ascending; the last has no `until`. */
  readonly formats: readonly Format[]
}

/** Where objects come from. */
export type Source = S3Source | HttpSource | RestSource

interface Located {
  /** What configuration knows it by, for example `hyperliquid-archive`. */
  readonly name: string
  /**
   * Keys of the objects of a partition (start in UTC milliseconds) and series (`*` for all): mostly
   * one, eight at most, as many for every series. Of records that several have those of the last
   * count; a row says by the place of its object here whose it is, so places are never changed. Of
   * `http` a path below the base URL.
   */
  objects(start: number, series: string): readonly string[]
}

/** A bucket and the keys in it. */
export interface S3Source extends Located {
  readonly kind: 's3'
  readonly bucket: string
  readonly region: string
  readonly requesterPays: boolean
  /** Bytes of a usual object, to judge a request by while none is known. */
  readonly typicalBytes?: number
}

/** Files at URLs. */
export interface HttpSource extends Located {
  readonly kind: 'http'
  readonly baseUrl: string
  /** Whether `<key>.CHECKSUM` holds the SHA-256 of an object. */
  readonly checksums: boolean
}

/**
 * A history behind requests: an object is one window of a series, its lines are the records that the
 * venue answers with, one each, in the order of time.
 */
export interface RestSource extends Located {
  readonly kind: 'rest'
  readonly baseUrl: string
  /** What Backtide takes of what the venue allows an address. */
  readonly limit: RequestLimit
  /** Header of the key that the venue asks for, and the variable that gives it; absent where it asks for none. */
  readonly key?: { readonly header: string; readonly variable: string }
  /** What is asked for an object. @throws Error when the key is none of this source */
  windowOf(key: string): HistoryWindow
}

/** One window of a history. Times are UTC milliseconds. */
export interface HistoryWindow extends Range {
  /** Windows of one history are asked for together, as far as `spanMs` allows. */
  readonly history: string
  /** How long a range one request may be for: a whole number of windows. */
  readonly spanMs: number
  /** What is older than this the venue does not have any more, in milliseconds. */
  readonly keptMs?: number
  /** Asks for the records of a range. */
  request(range: Range): HistoryRequest
  /**
   * The page after so many, of a history that is answered in pages, given the last of them; undefined when
   * that reached the range's start, or there are no more.
   */
  nextPage?(asked: number, page: readonly unknown[], range: Range): HistoryRequest | undefined
  /** When a record is of, and when it is final; undefined where it is no such record. */
  timeOf(record: unknown): { readonly at: number; readonly final: number } | undefined
  /** A request that the venue answers with records as long as it answers at all. */
  readonly witness: HistoryRequest
}

/** A POST of JSON, or a GET, that a list of records answers. */
export interface HistoryRequest {
  /** Below the base URL, with a query where it has one. */
  readonly path: string
  /** Absent of a GET. */
  readonly body?: object
  /** The records in an answer that is no list of them; undefined where it is no answer. */
  recordsOf?(answer: unknown): readonly unknown[] | undefined
  /** What the venue counts it as. */
  readonly weight: number
}

/** One format of a dataset: valid for partitions that start before `until` (UTC milliseconds). */
export interface Format {
  readonly until?: number
  /** Place in its partition of the only object it is of, where an archive goes over into another. */
  readonly part?: number
  /** Goes up with every change that makes the same object give other rows. */
  readonly version: number
  readonly container: ContainerKind
  /**
   * A last line without its line end is rejected as `cut_off`: for lines that still read well when
   * they lose their end. A JSON line is whole or not by itself.
   */
  readonly needsLineEnd?: true
  readonly createReader: (object: ObjectContext) => RecordReader
}

/** The object a decoder reads. */
export interface ObjectContext extends RowOrigin {
  /** Its series; `*` for all. */
  readonly symbol: string
}

/**
 * Reads the lines (without line ends) of one object, in file order. It holds all of a line before a
 * row of it is written: so a line is loaded or rejected whole, however many records it has.
 */
export interface RecordReader {
  /**
   * Takes the first line, where formats of its kind can have a header: true when it is one. The same
   * line again is left out.
   * @throws HeaderChangedError when the object is of a format this reader does not know
   */
  header?(line: Buffer): boolean
  /**
   * Reads the usual form of a line fast: what it holds then is what `parse` would hold. It never
   * guesses: false leaves the line to `parse`, as is every line that is to be rejected.
   */
  scan?(line: Buffer): boolean | 'skipped'
  /**
   * Reads any line; returns why it has no record. A line that is `skipped` is in order and of
   * something else than this dataset, as where a capture has several channels.
   */
  parse(line: Buffer): true | 'skipped' | RejectReason
  /** Writes the rows of the line that was read last. */
  write(records: RecordSink): void
  /** Tells what only all lines together show: called after the last one of an object that is whole. */
  end?(records: Pick<RecordSink, 'warn'>): void
}

/** Where a reader puts what it read. */
export interface RecordSink {
  /** Rows written since the last `commit` belong to the next one. */
  readonly rows: RowWriter
  commit(record: RecordFacts): void
  /** Takes back the rows since the last `commit`: one record of the line is left out, not the others. */
  reject(reason: RejectReason): void
  /** Counts something odd, once or so many times. */
  warn(warning: string, times?: number): void
}

/** What is known of one record: the rows of one line, at least one. */
export interface RecordFacts {
  /** Exchange time, UTC microseconds: the designated timestamp of all its rows. */
  readonly ts: number
  /** Its series, as `ObjectContext` has it where objects hold one. */
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
  | 'contradictory'
  | 'filler'

/**
 * The format of an object of a partition that starts at `start` (UTC milliseconds), `part` being how
 * many objects come before it.
 */
export function formatAt(dataset: Dataset, start: number, part = 0): Format {
  const format = dataset.formats.find(
    (one) => (one.until === undefined || start < one.until) && (one.part ?? part) === part,
  )
  if (!format) throw new Error(`${dataset.id} has no format for ${new Date(start).toISOString()}`)
  return format
}

/** Version of the decoder that reads an object, see `formatAt`. */
export function versionAt(dataset: Dataset, start: number, part: number): number {
  return formatAt(dataset, start, part).version
}
