import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { createClient, type S3Address } from '@backtide/stack/servers/s3-client'
import { bookObject, type Book } from './books.ts'

/** The test archive: objects under the keys of the real one. */
export interface Archive {
  put(key: string, bytes: Uint8Array): Promise<void>
  putBooks(coin: string, hour: number, books: readonly Book[]): Promise<void>
  remove(key: string): Promise<void>
  /** Without quotes. */
  etag(key: string): Promise<string | undefined>
}

/** Opens the archive bucket of an S3 service. */
export function openArchive(address: S3Address, bucket = 'hyperliquid-archive'): Archive {
  const client = createClient(address)
  const put: Archive['put'] = async (key, bytes) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
  }
  return {
    put,
    putBooks: (coin, hour, books) => put(bookKey(coin, hour), bookObject(books)),
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
    },
    etag: async (key) => {
      const { ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
      return ETag?.replaceAll('"', '')
    },
  }
}

/** `market_data/20250101/7/l2Book/BTC.lz4` */
export function bookKey(coin: string, hour: number): string {
  const at = new Date(hour)
  const day = at.toISOString().slice(0, 10).replaceAll('-', '')
  return `market_data/${day}/${at.getUTCHours()}/l2Book/${coin}.lz4`
}

/** Start of an hour of a day, UTC milliseconds. */
export function hourOf(day: string, hour: number): number {
  return Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000
}
