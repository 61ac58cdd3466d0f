import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { createFrameReader } from '@backtide/datasets/containers/lz4/frame-reader'
import { unfold } from '../../contract/pack.ts'

// The committed frames of the same tool are always read, see lz4-frame-reader.test.ts.
const installed = spawnSync('lz4', ['--version']).status === 0

const TEXT = Buffer.from(
  Array.from({ length: 20_000 }, (_, at) => `{"at":${at},"px":"${(at * 7919) % 1009}.5"}\n`).join(
    '',
  ),
)
const BLOCKS = ['-B4', '-B5', '-B6', '-B7']
const LINKS = ['-BI', '-BD']
const CHECKS = [[], ['-BX'], ['--no-frame-crc'], ['-BX', '--content-size']]
const LEVELS = ['-1', '-9', '--fast=3']

const COMBINATIONS = BLOCKS.flatMap((block) => {
  return LINKS.flatMap((link) => {
    return CHECKS.flatMap((checks) => LEVELS.map((level) => [block, link, level, ...checks]))
  })
})

describe.skipIf(!installed)('the lz4 command line tool that is installed', () => {
  it('is understood with every combination of its options', () => {
    for (const options of COMBINATIONS) {
      const packed = execFileSync('lz4', ['-c', ...options, '-'], {
        input: TEXT,
        maxBuffer: 1e8,
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      expect(unfold(createFrameReader(), packed, 10_007).equals(TEXT), options.join(' ')).toBe(true)
    }
  })

  it('understands what the tests write', () => {
    const packed = writeFrame(TEXT, { blockBytes: 50_000, linked: true, blockChecksums: true })
    expect(execFileSync('lz4', ['-dc'], { input: packed, maxBuffer: 1e8 }).equals(TEXT)).toBe(true)
  })
})
