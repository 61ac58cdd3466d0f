import { readFileSync } from 'node:fs'
import { sampleObjects, type SampleObject } from '@backtide/stack/sample/sample-objects'
import { writeSteps } from '@backtide/stack/sample/book-line'
import { decompressFrameSync } from 'lz4-napi'
import { describe, expect, it } from 'vitest'

const objects = [...sampleObjects()]
const LINE =
  /^\{"time":"2025-01-01T(\d\d):\d\d:\d\d\.\d{9}","ver_num":1,"raw":\{"channel":"l2Book","data":\{"coin":"(BTC|ETH|kPEPE)","time":\d{13},"levels":\[(\[.*\]),(\[.*\])\]\}\}\}$/
const LEVEL = /^\{"px":"\d+\.\d+","sz":"\d+\.\d+","n":[1-9]\d*\}$/

describe('the sample archive', () => {
  it('is the same every time, and another one for another seed', () => {
    const again = [...sampleObjects()]
    expect(again.map(({ key }) => key)).toEqual(objects.map(({ key }) => key))
    expect(again.every(({ bytes }, index) => Buffer.compare(bytes, at(index).bytes) === 0)).toBe(
      true,
    )
    const [, other] = sampleObjects({ hours: 2, coins: ['BTC'], seed: 2, oddities: [] })
    const [, usual] = sampleObjects({ hours: 2, coins: ['BTC'], oddities: [] })
    expect(other?.bytes).not.toEqual(usual?.bytes)
  })

  it('has an object for every hour and coin but the missing one, and a day of asset contexts', () => {
    expect(objects).toHaveLength(3 * 24 - 1 + 1)
    expect(objects.map(({ key }) => key)).not.toContain('market_data/20250101/3/l2Book/BTC.lz4')
    expect(objects.at(-1)?.key).toBe('asset_ctxs/20250101.csv.lz4')
  })

  it('has lines as the archive has them: field order, number format, 20 levels a side', () => {
    for (const object of plainBooks()) {
      for (const line of linesOf(object)) {
        const sides = LINE.exec(line)?.slice(3, 5) ?? []
        expect(sides).toHaveLength(2)
        for (const side of sides) {
          const levels = side.slice(1, -1).split(/(?<=\}),/)
          expect(levels).toHaveLength(20)
          expect(levels.filter((level) => !LEVEL.test(level))).toEqual([])
        }
      }
    }
  })

  it('has books whose prices are in order and do not cross', () => {
    for (const object of plainBooks()) {
      for (const { raw } of linesOf(object).map(parse)) {
        const [bids, asks] = raw.data.levels.map((side) => side.map(({ px }) => Number(px)))
        expect(bids).toEqual((bids ?? []).toSorted((a, b) => b - a))
        expect(asks).toEqual((asks ?? []).toSorted((a, b) => a - b))
        expect(Number(bids?.[0])).toBeLessThan(Number(asks?.[0]))
      }
    }
  })

  it('is cut by the recorder’s clock: an hour begins with a book of the hour before', () => {
    for (const object of plainBooks()) {
      const hour = Date.UTC(2025, 0, 1, Number(object.key.split('/')[2]))
      const [first, second] = linesOf(object).map(parse)
      expect(first?.raw.data.time).toBeLessThan(hour)
      expect(Date.parse(`${first?.time.slice(0, 23)}Z`)).toBeGreaterThanOrEqual(hour)
      expect(second?.raw.data.time).toBeGreaterThanOrEqual(hour)
    }
  })

  it('has one object of the real archive, unchanged', () => {
    const file = new URL('../../../stack/sample/archive_l2book_btc.lz4', import.meta.url)
    expect(Buffer.from(odd('real').bytes).equals(readFileSync(file))).toBe(true)
    expect(parse(linesOf(odd('real'))[0] ?? '').raw.data.time).toBe(1735689599877)
  })

  it('is odd in every way it says it is', () => {
    expect(odd('zero_bytes').bytes).toHaveLength(0)
    expect(linesOf(odd('empty_frame'))).toEqual([])
    const [whole, rest] = framesOf(odd('truncated'))
    expect(decode(whole)).toHaveLength(150)
    expect(() => decode(rest)).toThrow()

    const doubled = linesOf(odd('duplicated_line'))
    expect(doubled.length - new Set(doubled).size).toBe(1)

    expect(framesOf(odd('concatenated_frames')).flatMap(decode)).toHaveLength(300)

    const books = linesOf(odd('same_millisecond')).map(parse)
    const times = books.map(({ raw }) => raw.data.time)
    const twin = times.findIndex((time, index) => times.indexOf(time) < index)
    expect(new Set(times).size).toBe(times.length - 1)
    expect(books[twin]?.time).not.toBe(books[twin - 1]?.time)
    expect(books[twin]?.raw.data.levels).not.toEqual(books[twin - 1]?.raw.data.levels)
  })

  it('has asset contexts of every minute and coin, under the header of the archive', () => {
    const [header, ...rows] = linesOf(objects.at(-1))
    expect(header).toBe(
      'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px',
    )
    expect(rows).toHaveLength(1_440 * 3)
    const number = /^-?\d+(\.\d+)?$/
    const values = rows.flatMap((row) => row.split(',').slice(2))
    expect(values.filter((value) => !number.test(value))).toEqual([])
  })

  it('is as big as asked for', () => {
    const some = [...sampleObjects({ coins: ['SOL'], hours: 30, booksPerHour: 5, oddities: [] })]
    expect(some).toHaveLength(31)
    expect(some[29]?.key).toBe('market_data/20250102/5/l2Book/SOL.lz4')
    expect(linesOf(some[29])).toHaveLength(5)
  })
})

describe('numbers of the sample', () => {
  it.each([
    [93_619, 0, '93619.0'],
    [33_367, 1, '3336.7'],
    [33_370, 1, '3337.0'],
    [20_130, 6, '0.02013'],
    [53, 5, '0.00053'],
    [111_071, 5, '1.11071'],
  ])('%d steps of 10^-%d are written %s', (steps, decimals, text) => {
    expect(writeSteps(steps, decimals)).toBe(text)
  })
})

interface Line {
  readonly time: string
  readonly raw: {
    readonly data: { readonly time: number; readonly levels: readonly { readonly px: string }[][] }
  }
}

const parse = (line: string): Line => JSON.parse(line)

function plainBooks(): SampleObject[] {
  const books = objects.filter(({ key, what }) => what === 'plain' && key.startsWith('market_data'))
  expect(books.length).toBeGreaterThan(60)
  return books.filter((_, index) => index % 8 === 0)
}

function odd(what: SampleObject['what']): SampleObject {
  const found = objects.filter((object) => object.what === what)
  expect(found).toHaveLength(1)
  return found[0] ?? at(0)
}

function at(index: number): SampleObject {
  const object = objects[index]
  if (!object) throw new Error(`the sample has no object ${index}`)
  return object
}

/** The two frames of an object. */
function framesOf({ bytes }: SampleObject): [Buffer, Buffer] {
  const both = Buffer.from(bytes)
  const magic = Buffer.from([0x04, 0x22, 0x4d, 0x18])
  const second = both.indexOf(magic, 4)
  expect(both.indexOf(magic)).toBe(0)
  expect(second).toBeGreaterThan(0)
  return [both.subarray(0, second), both.subarray(second)]
}

function linesOf(object: SampleObject | undefined): string[] {
  return decode(object?.bytes ?? new Uint8Array())
}

function decode(bytes: Uint8Array): string[] {
  return decompressFrameSync(Buffer.from(bytes))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}
