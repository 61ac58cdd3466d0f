import { bookKey } from '@backtide/datasets/hyperliquid/archive'
import { execFile } from 'node:child_process'
import { linkSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Input } from './input/archive.ts'
import type { Layout } from './layout.ts'
import type { Place } from './place.ts'

/**
 * A program in Rust for the same job, which reads the objects from local disk. It takes `--dir`,
 * `--qdb HOST:PORT` and `--layout arrays|rows`, and its last line is JSON: `snapshots` that are in its
 * table, and `snapshots_per_s`. What is given runs it once: rows a second until all are applied.
 */
export function openRustPeer(
  binary: string,
  { folder, questdb }: Place,
  input: Input,
  { name, rowsPerBook }: Layout,
): () => Promise<number> {
  const dir = join(folder, 'peer', name)
  for (const { file, start, coin } of input.objects) {
    const path = join(dir, bookKey(start, coin))
    mkdirSync(dirname(path), { recursive: true })
    linkSync(file, path)
  }
  const [, address = ''] = /addr=([^;]+)/.exec(questdb.clientConf) ?? []
  return async () => {
    const args = ['--dir', dir, '--qdb', address, '--layout', name]
    const { stdout } = await promisify(execFile)(binary, args)
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerResult
    if (result.snapshots !== input.books) {
      throw new Error(`The Rust peer loaded ${result.snapshots} books, not ${input.books}`)
    }
    return result.snapshots_per_s * rowsPerBook
  }
}

interface PeerResult {
  readonly snapshots: number
  readonly snapshots_per_s: number
}
