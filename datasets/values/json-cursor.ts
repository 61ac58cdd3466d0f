import { LineMemory } from './line-memory.ts'
import { matches } from './literal.ts'
import { scanDecimal } from './scan-decimal.ts'
import { scanInteger } from './scan-integer.ts'
import type { UtcTimeScanner } from './scan-time.ts'

/**
 * Goes through a line of JSON of a known form, byte by byte: every step says whether what it expects
 * stands where the cursor is, and moves behind it. After a step that failed the line is to be left.
 */
export class JsonCursor {
  /** What `integer`, `decimal` or `signed` read last. */
  value = 0
  /** What `word` or `hex` read last. */
  text = ''
  readonly #memory = new LineMemory()
  readonly #numbers = new Float64Array(1)
  #bytes: Uint8Array = new Uint8Array(0)
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0

  open(line: Buffer): void {
    this.#at = this.#memory.open(line)
    this.#end = this.#at + line.length
    if (this.#bytes === this.#memory.bytes) return
    this.#bytes = this.#memory.bytes
    this.#buffer = Buffer.from(line.buffer)
  }

  /** Whether the line ends here. */
  isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** The byte that comes next. */
  peek(): number {
    return this.#bytes[this.#at] ?? 0
  }

  skip(expected: Uint8Array): boolean {
    if (!matches(this.#bytes, this.#at, expected)) return false
    this.#at += expected.length
    return true
  }

  /** Integer of at most 16 digits. */
  integer(): boolean {
    return this.#moveBehindNumber(scanInteger(this.#bytes, this.#at, this.#numbers, 0))
  }

  /** Decimal without a sign, as it stands inside of quotes. */
  decimal(): boolean {
    return this.#moveBehindNumber(scanDecimal(this.#bytes, this.#at, this.#numbers, 0))
  }

  /** Decimal of either sign, as it stands inside of quotes. */
  signed(): boolean {
    if (this.peek() !== MINUS) return this.decimal()
    this.#at++
    if (!this.decimal()) return false
    this.value = -this.value
    return true
  }

  time(scanner: UtcTimeScanner): boolean {
    return this.#moveBehind(scanner.scan(this.#bytes, this.#at))
  }

  /** Text up to its closing quote, and over it: up to so many characters that need no escape. */
  word(longest: number): boolean {
    const bytes = this.#bytes
    const start = this.#at
    let end = start
    for (; bytes[end] !== QUOTE; end++) {
      if (!IS_PLAIN[bytes[end] ?? 0] || end - start === longest) return false
    }
    if (end === start) return false
    this.text = this.#buffer.toString('latin1', start, end)
    this.#at = end + 1
    return true
  }

  /** `0x` and so many digits up to their closing quote, and over it. */
  hex(digits: number): boolean {
    const bytes = this.#bytes
    const start = this.#at
    const end = start + 2 + digits
    if (bytes[start] !== DIGIT_0 || bytes[start + 1] !== LETTER_X) return false
    for (let at = start + 2; at < end; at++) if (!IS_HEX[bytes[at] ?? 0]) return false
    if (bytes[end] !== QUOTE) return false
    this.text = this.#buffer.toString('latin1', start, end)
    this.#at = end + 1
    return true
  }

  #moveBehindNumber(end: number): boolean {
    this.value = this.#numbers[0] ?? 0
    return this.#moveBehind(end)
  }

  /** `NOT_UNDERSTOOD` is no place. */
  #moveBehind(end: number): boolean {
    if (end < 0) return false
    this.#at = end
    return true
  }
}

const QUOTE = 0x22
const MINUS = 0x2d
const DIGIT_0 = 0x30
const LETTER_X = 0x78

/** Bytes by whether they are characters of a kind. */
function tableOf(kind: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(kind.test(String.fromCharCode(code))))
}

const IS_HEX = tableOf(/[0-9a-f]/)
/** Printed ASCII but for quote and backslash. */
const IS_PLAIN = tableOf(/[ !#-[\]-~]/)
