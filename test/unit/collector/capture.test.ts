import { createCapture, type CaptureOptions } from '@backtide/collector/capture/capture'
import { createCaptureFile } from '@backtide/collector/capture/capture-file'
import { readMessage, timeOfLine } from '@backtide/collector/capture/line'
import { timeText } from '@backtide/core/nano-time'
import { mendCaptures } from '@backtide/collector/capture/mend'
import { capturePath } from '@backtide/collector/capture/place'
import { createClock } from '@backtide/collector/clock'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, readFileSync, renameSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { filesOf, readCaptures, readTexts, temporaryFolder } from '../../helpers/captures.ts'

const HOUR = 3_600_000_000_000n
/** 2025-01-01T07:00. */
const SEVEN = BigInt(Date.parse('2025-01-01T07:00:00Z')) * 1_000_000n

describe('a capture', () => {
  it('keeps every message byte for byte, with its receive time', async () => {
    const { capture, root } = begin()
    const raw = '{ "px":"1.50", "id":12345678901234567890, "e":1.16539E8 }'
    capture.message(SEVEN + 123n, readMessage(Buffer.from(raw)))
    await capture.close()
    const [name = ''] = filesOf(root)
    expect(name).toBe('x/y/z-a/20250101/7/host-0000000.lz4')
    expect(readTexts(join(root, name))).toEqual([
      `{"time":"2025-01-01T07:00:00.000000123","ver_num":1,"raw":${raw}}`,
    ])
  })

  it('keeps what is not JSON as text, what is no text as base64, and no line is cut', async () => {
    const { capture, root } = begin()
    const messages = ['PING', '{"cut', '{"a":\n1}', '', '"\\u0000"']
    for (const text of messages) capture.message(SEVEN, readMessage(Buffer.from(text)))
    capture.message(SEVEN, readMessage(Buffer.from([0xff, 0x00])))
    capture.event(SEVEN, { event: 'closed', code: 1006 })
    await capture.close()
    const lines = readCaptures(root)
    expect(lines.map(({ raw, text, base64, event }) => ({ raw, text, base64, event }))).toEqual([
      { text: 'PING' },
      { text: '{"cut' },
      { text: '{"a":\n1}' },
      { text: '' },
      { raw: '\0' },
      { base64: '/wA=' },
      { event: { event: 'closed', code: 1006 } },
    ])
  })

  it('begins a file each hour, in which all its lines lie', async () => {
    const { capture, root } = begin()
    for (const time of [SEVEN + HOUR - 1n, SEVEN + HOUR, SEVEN + 2n * HOUR]) note(capture, time)
    await capture.close()
    expect(filesOf(root)).toEqual([
      'x/y/z-a/20250101/7/host-3599999.lz4',
      'x/y/z-a/20250101/8/host-0000000.lz4',
      'x/y/z-a/20250101/9/host-0000000.lz4',
    ])
  })

  it('goes on in another file when the clock is put back by an hour', async () => {
    const { capture, root } = begin()
    for (const time of [SEVEN, SEVEN + HOUR, SEVEN + 1n]) {
      note(capture, time)
      capture.event(time, { event: 'tick' })
    }
    await capture.close()
    expect(filesOf(root).map((name) => name.slice(17))).toEqual([
      '7/host-0000000.lz4',
      '7/host-0000001.lz4',
      '8/host-0000000.lz4',
    ])
    expect(readCaptures(root)).toHaveLength(6)
  })

  it('begins another file when one is large enough', async () => {
    const { capture, root, flushed } = begin({ fileBytes: 50 })
    for (let count = 0n; count < 3n; count++) {
      note(capture, SEVEN + count)
      await flushed()
    }
    await capture.close()
    expect(filesOf(root)).toHaveLength(3)
  })

  it('takes a frame of 20 MB, and says that it is full until that is on disk', async () => {
    const { capture, root } = begin()
    const raw = `{"a":"${'0123456789abcdef'.repeat(1_250_000)}"}`
    capture.message(SEVEN, readMessage(Buffer.from(raw)))
    expect(capture.isFull()).toBe(true)
    await capture.drained()
    expect(capture.isFull()).toBe(false)
    await capture.close()
    const [name = ''] = filesOf(root)
    expect(readTexts(join(root, name))[0]).toHaveLength(raw.length + 59)
  })

  it('fails once, with the reason, when the disk is full and no room can be made', async () => {
    const failures: unknown[] = []
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    const { capture } = begin({
      makeRoom: () => Promise.resolve(false),
      createFile: () => Promise.reject(full),
      onFailed: (error) => failures.push(error),
    })
    note(capture, SEVEN)
    await capture.close()
    note(capture, SEVEN)
    await capture.close()
    expect(failures).toEqual([full])
    expect(capture.durable()).toBeUndefined()
  })

  it('loses nothing when room can be made', async () => {
    let isFull = true
    const { capture, root } = begin({
      makeRoom: () => {
        isFull = false
        return Promise.resolve(true)
      },
      createFile: async (place, time) => {
        const file = await createCaptureFile(place, time)
        const append: typeof file.append = async (blocks) => {
          if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          await file.append(blocks)
        }
        return Object.assign(Object.create(file) as typeof file, { append })
      },
    })
    note(capture, SEVEN)
    note(capture, SEVEN + 1n)
    await capture.close()
    expect(readCaptures(root)).toHaveLength(2)
  })
})

describe('a place', () => {
  it.each(['..', 'a/b', '', '.hidden', 'a\0'])('refuses %j as a part of a path', (connection) => {
    const place = { root: '/r', exchange: 'x', market: 'y', connection, server: 'h' }
    expect(() => capturePath(place, SEVEN)).toThrow('cannot be part')
  })
})

describe('mending', () => {
  it('cuts an unfinished file behind its last whole frame, wherever it ends', async () => {
    const { path: whole, ends, times } = await threeFrames()
    const size = readFileSync(whole).length
    for (let length = 0; length <= size; length += 7) {
      const root = temporaryFolder()
      const path = join(root, 'host-0000000.lz4')
      cpSync(whole, `${path}.open`)
      truncateSync(`${path}.open`, length)
      const kept = ends.filter((end) => end <= length).length
      expect(await mendCaptures(root), `cut at ${length}`).toEqual([
        { path, durable: times[kept - 1], cutBytes: length - (ends[kept - 1] ?? 0) },
      ])
      expect(readCaptures(root)).toHaveLength(kept * 2)
    }
  })

  it('cuts a frame whose bytes never reached the disk, though the file is as long', async () => {
    const { path, ends, times } = await threeFrames()
    const bytes = readFileSync(path).fill(0, (ends[1] ?? 0) + 20)
    const root = temporaryFolder()
    appendFileSync(join(root, 'a.lz4.open'), bytes)
    expect(await mendCaptures(root)).toMatchObject([{ durable: times[1] }])
    expect(readCaptures(root)).toHaveLength(4)
  })

  it('leaves finished files alone, and has nothing to do the second time', async () => {
    const { path, root } = await threeFrames()
    const before = readFileSync(path)
    expect(await mendCaptures(root)).toEqual([])
    renameSync(path, `${path}.open`)
    expect(await mendCaptures(root)).toMatchObject([{ path, cutBytes: 0 }])
    expect(await mendCaptures(root)).toEqual([])
    expect(readFileSync(path)).toEqual(before)
  })

  it('finds nothing in a folder that does not exist', async () => {
    expect(await mendCaptures('/nowhere/at/all')).toEqual([])
  })
})

describe('a process that is killed', () => {
  it('leaves all that it called durable, whole and in order, and the mended file says up to where', async () => {
    const root = temporaryFolder()
    const script = fileURLToPath(new URL('../../helpers/capture-writer.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, root])
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.split('\n').length > 12) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const durable = Number(said.trimEnd().split('\n').at(-1))

    const [mended, ...others] = await mendCaptures(root)
    expect(others).toEqual([])
    const lines = readCaptures(root)
    expect(lines.length).toBeGreaterThan(durable)
    expect(lines.map((line) => line.raw)).toEqual(lines.map((_, n) => ({ n })))
    expect(timeText(mended?.durable ?? 0n)).toBe(lines.at(-1)?.time)
  })
})

describe('times', () => {
  it('are written and read to the nanosecond', () => {
    expect(timeText(SEVEN + 1n)).toBe('2025-01-01T07:00:00.000000001')
    expect(timeOfLine('{"time":"2025-01-01T07:00:00.000000001","ver_num":1}')).toBe(SEVEN + 1n)
    expect(timeOfLine('{"time":"2025-13-01T07:00:00.000000001"')).toBeUndefined()
    expect(timeOfLine('')).toBeUndefined()
  })

  it('follow the wall clock when it is set, and are finer than it otherwise', () => {
    let wall = 1000
    let monotonic = 0n
    const clock = createClock(
      () => wall,
      () => monotonic,
    )
    monotonic = 400_000n
    expect(clock.now()).toBe(1_000_400_000n)
    wall = 3_601_000
    expect(clock.now()).toBe(3_601_000_000_000n)
    monotonic += 5n
    expect(clock.now()).toBe(3_601_000_000_005n)
  })
})

function begin(options: Partial<CaptureOptions> = {}) {
  const root = temporaryFolder()
  let flushed: (() => void) | undefined
  const capture = createCapture({
    place: { root, exchange: 'x', market: 'y', connection: 'z-a', server: 'host' },
    flushMs: 5,
    onFailed: (error) => {
      throw error
    },
    onDurable: () => flushed?.(),
    ...options,
  })
  const next = () => new Promise<void>((resolve) => (flushed = resolve))
  return { capture, root, flushed: next }
}

function note(capture: ReturnType<typeof createCapture>, time: bigint): void {
  capture.message(time, readMessage(Buffer.from(`{"at":"${time}"}`)))
}

/** Three frames of two lines each: where they end, and the time of their last lines. */
async function threeFrames() {
  const root = temporaryFolder()
  const place = { root, exchange: 'x', market: 'y', connection: 'z', server: 'host' }
  const file = await createCaptureFile(place, SEVEN)
  const ends: number[] = []
  const times: bigint[] = []
  for (let frame = 0n; frame < 3n; frame++) {
    const first = SEVEN + 10n * frame
    const last = first + 1n
    const lines = [first, last].map(
      (time) => `{"time":"${timeText(time)}","ver_num":1,"raw":{"t":"${time}"}}\n`,
    )
    await file.append([{ bytes: Buffer.from(lines.join('')), first, last, lines: 2 }])
    ends.push(file.size)
    times.push(last)
  }
  return { path: await file.finish(), root, ends, times }
}
