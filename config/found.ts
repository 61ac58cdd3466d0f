import { resolve } from 'node:path'
import type { Written } from './setting.ts'

/** Where a value came from. */
export interface Origin {
  readonly from: 'flag' | 'environment' | 'file' | 'profile' | 'default'
  /** As a person wrote it: `--api-port`, `BACKTIDE_PORT`, `backtide.yaml:3:9`. */
  readonly name: string
}

/** What one place says of a setting. */
export interface Found {
  readonly origin: Origin
  /** As a file would hold it. */
  readonly given: unknown
  /** What a fault of a part of the value begins with; `unknown` is a name in it that means nothing. */
  readonly label: (path: readonly PropertyKey[], unknown?: string) => string
}

/** What a variable or a flag says. @throws Error saying what it has to be */
export function readText(written: Written | undefined, text: string): unknown {
  if (written === 'number') return /^\d+$/.test(text) ? Number(text) : text
  if (written === 'json') return readJson(text)
  if (written !== 'list') return text
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('must be JSON')
  }
}

/** What a variable or a flag says, as it is found. @throws Error naming it */
export function foundText(origin: Origin, written: Written | undefined, text: string): Found {
  const label = (path: readonly PropertyKey[]) =>
    path.length === 0 ? origin.name : `${origin.name}: ${path.join('.')}`
  try {
    return { origin, given: readText(written, text), label }
  } catch (error) {
    throw new Error(`${origin.name}: ${(error as Error).message}`, { cause: error })
  }
}

/** A path as it is found from anywhere; what is an address stays one. */
export function absolute(folder: string, path: string): string {
  return path.includes('://') ? path : resolve(folder, path)
}
