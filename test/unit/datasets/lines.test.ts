import { createLineSplitter } from '@backtide/datasets/decode/lines'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

function split(text: string | Buffer, piece = 1e9, limit?: number): string[] {
  const bytes = Buffer.from(text)
  const splitter = createLineSplitter(limit)
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += piece) {
    for (const line of splitter.push(bytes.subarray(at, at + piece))) lines.push(line.toString())
  }
  for (const line of splitter.end()) lines.push(line.toString())
  return lines
}

describe('lines', () => {
  it.each([
    ['LF', 'a\nb\n', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['no line end at the end', 'a\nb', ['a', 'b']],
    ['a carriage return at the end', 'a\nb\r', ['a', 'b']],
    ['blank lines', '\n\r\n\na\n\n\r\nb\n\n', ['a', 'b']],
    ['a byte order mark', '\uFEFFa\nb', ['a', 'b']],
    ['a byte order mark alone', '\uFEFF', []],
    ['a byte order mark and a line end', '\uFEFF\r\na', ['a']],
    ['a byte order mark inside, which is data', 'a\n\uFEFFb', ['a', '\uFEFFb']],
    ['carriage returns inside', 'a\rb\r\r\n', ['a\rb\r']],
    ['text beyond ASCII', 'é€𝄞\n☃', ['é€𝄞', '☃']],
    ['nothing', '', []],
  ])('are cut: %s', (_, text, expected) => {
    for (const piece of [1, 2, 3, 1e9]) expect(split(text, piece)).toEqual(expected)
  })

  it('are the same however the bytes arrive', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n', 'é') })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (content, piece) => {
        const expected = content.split('\n').map((line) => line.replace(/\r$/, ''))
        expect(split(content, piece)).toEqual(expected.filter((line) => line !== ''))
      }),
    )
  })

  it('are views of the chunk they lie in', () => {
    const chunk = Buffer.from('one\ntwo\n')
    const [line] = createLineSplitter().push(chunk)
    expect(line?.buffer).toBe(chunk.buffer)
    expect(line?.byteOffset).toBe(chunk.byteOffset)
  })

  it('are followed by a line end in their memory, so that nobody reads on into another line', () => {
    for (const piece of [1, 3, 7, 1e9]) {
      const bytes = Buffer.from('longer than the last\na\r\nlast')
      const splitter = createLineSplitter()
      const next: (number | undefined)[] = []
      const look = (line: Buffer): void => {
        next.push(new Uint8Array(line.buffer)[line.byteOffset + line.length])
      }
      for (let at = 0; at < bytes.length; at += piece) {
        for (const line of splitter.push(bytes.subarray(at, at + piece))) look(line)
      }
      for (const line of splitter.end()) look(line)
      expect(next.map((byte) => byte === 0x0a || byte === 0x0d)).toEqual([true, true, true])
    }
  })

  it('may be as long as the limit, and no longer', () => {
    for (const piece of [1, 3, 1e9]) {
      expect(split('\uFEFF12345\r\n12345', piece, 5)).toEqual(['12345', '12345'])
      expect(() => split('123456\n', piece, 5)).toThrow('longer than 5 bytes')
      expect(() => split('1234567890', piece, 5)).toThrow('longer than 5 bytes')
    }
  })
})
