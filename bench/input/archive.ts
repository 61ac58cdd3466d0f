import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { partitionsOf } from '@backtide/core/partition'
import { HOUR_MS, type Range } from '@backtide/core/range'
import { bookKey } from '@backtide/datasets/hyperliquid/archive'
import { createClient, type S3Address } from '@backtide/stack/servers/s3-client'
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { writeBooks } from './books.ts'
import { writeFrame, type BlockCode } from './frame.ts'

/** Where the dataset that is measured has its objects. */
export const ARCHIVE_BUCKET = 'hyperliquid-archive'

/** What an input is to be made of. */
export interface InputOptions {
  readonly coins: readonly string[]
  /** Start of the first hour, UTC milliseconds. */
  readonly start: number
  readonly hours: number
  /** Books of each coin and hour. */
  readonly books: number
}

/** Objects in the archive and on local disk. */
export interface Input {
  readonly coins: readonly string[]
  readonly range: Range
  /** By hour, then coin. */
  readonly objects: readonly InputObject[]
  readonly books: number
  /** Decoded bytes: lines of JSON. */
  readonly bytes: number
}

export interface InputObject {
  readonly coin: string
  /** Start of its hour, UTC milliseconds. */
  readonly start: number
  readonly file: string
  readonly books: number
  readonly bytes: number
}

/** Makes inputs; the same hour of the same coin is the same object for the whole run. */
export interface Archive extends Disposable {
  fill(options: InputOptions): Promise<Input>
}

/** Archive over a folder on disk and the bucket of an S3 service. */
export function createArchive(folder: string, address: S3Address): Archive {
  const client = createClient(address)
  return {
    fill: async ({ coins, start, hours, books }) => {
      const range = { from: start, to: start + hours * HOUR_MS }
      const objects: InputObject[] = []
      for (const hour of partitionsOf(range, 'hour')) {
        const made = coins.map((coin) => writeObject(folder, { coin, start: hour, books }))
        await Promise.all(made.map((object) => put(client, object)))
        objects.push(...made)
      }
      return { coins, range, objects, ...totals(objects) }
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

/** The first hours of an input. */
export function firstHours(input: Input, hours: number): Input {
  const { from, to } = input.range
  return partOf(input, input.coins, { from, to: Math.min(to, from + hours * HOUR_MS) })
}

/** Some coins and hours of an input. */
export function partOf(input: Input, coins: readonly string[], range: Range): Input {
  const objects = input.objects.filter(
    ({ coin, start }) => coins.includes(coin) && range.from <= start && start < range.to,
  )
  return { coins, range, objects, ...totals(objects) }
}

function writeObject(
  folder: string,
  { coin, start, books }: { readonly coin: string; readonly start: number; readonly books: number },
): InputObject {
  const file = join(folder, bookKey(start, coin).replaceAll('/', '-'))
  const code = CODES[Math.floor(start / HOUR_MS) % CODES.length] ?? 7
  const output = openSync(file, 'w')
  let bytes = 0
  const pieces = function* () {
    for (const piece of writeBooks({ coin, start, books, seed: SEED ^ coin.charCodeAt(0) })) {
      bytes += piece.length
      yield piece
    }
  }
  for (const part of writeFrame(pieces(), code)) writeSync(output, part)
  closeSync(output)
  return { coin, start, file, books, bytes }
}

async function put(client: S3Client, { coin, start, file }: InputObject): Promise<void> {
  const Key = bookKey(start, coin)
  await client.send(new PutObjectCommand({ Bucket: ARCHIVE_BUCKET, Key, Body: readFileSync(file) }))
}

function totals(objects: readonly InputObject[]): Pick<Input, 'books' | 'bytes'> {
  return {
    books: objects.reduce((sum, object) => sum + object.books, 0),
    bytes: objects.reduce((sum, object) => sum + object.bytes, 0),
  }
}

/** Makes the folder that an archive keeps its files in. */
export function archiveFolder(folder: string): string {
  const path = join(folder, 'input')
  mkdirSync(path, { recursive: true })
  return path
}

const SEED = 20_250_101

/** Block sizes by hour: all that the `lz4` command makes. */
const CODES: readonly BlockCode[] = [4, 5, 6, 7]
