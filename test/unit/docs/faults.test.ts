import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const TABLE = readFileSync(new URL('../../faults.md', import.meta.url), 'utf8')

interface Fault {
  readonly number: number
  readonly tests: readonly (readonly [file: string, name: string])[]
  readonly why: string
}

/** The rows of the tables: number, fault, tests, and what else is to be said. */
const FAULTS: readonly Fault[] = TABLE.split('\n').flatMap((line) => {
  const [, number = '', , tests = '', why = ''] = line.split('|').map((cell) => cell.trim())
  if (!/^\d+$/.test(number)) return []
  const named = [...tests.matchAll(/`([\w/-]+)` (.+?)(?=<br>|$)/g)]
  return [
    {
      number: Number(number),
      tests: named.map(([, file = '', name = '']) => [file, name] as const),
      why,
    },
  ]
})

describe('The table of faults', () => {
  it('has all 77, in order, each with a test or why there is none', () => {
    expect(FAULTS.map(({ number }) => number)).toEqual(
      Array.from({ length: 77 }, (_, index) => index + 1),
    )
    for (const { number, tests, why } of FAULTS) {
      expect({ number, isShown: tests.length > 0 || why !== '' }).toEqual({ number, isShown: true })
    }
  })

  it('names only tests that there are', () => {
    const missing = FAULTS.flatMap(({ number, tests }) =>
      tests
        .filter(([file, name]) => !sourceOf(file).includes(name))
        .map(([file, name]) => `${number}: ${file}: ${name}`),
    )
    expect(missing).toEqual([])
  })
})

function sourceOf(file: string): string {
  const path = new URL(`../../${file}.test.ts`, import.meta.url)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
