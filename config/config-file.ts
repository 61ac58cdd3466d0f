import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { settingsIn } from './document-settings.ts'
import type { Env } from './environment.ts'
import type { Found } from './found.ts'
import type { Key } from './settings.ts'
import { readYaml } from './yaml-text.ts'

/** What is read where nobody names another. */
const USUAL = 'backtide.yaml'

/** Named as the file when there is to be none. */
export const NO_FILE = '/dev/null'

/** A file of settings, read. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  /** As it is called in faults and origins. */
  readonly shown: string
  readonly found: ReadonlyMap<Key, Found>
  readonly faults: readonly string[]
}

/** Where the file may be named, and where the usual one may lie. */
export interface FilePlace {
  /** Path of `--config`. */
  readonly flag?: string | undefined
  readonly env: Env
  /** Folder of the usual file; none is read by itself without. */
  readonly cwd?: string | undefined
}

/** Path of the file that flag or CONFIG_PATH name, else of `backtide.yaml` of the folder, if it is there. */
export function findConfigFile({ flag, env, cwd }: FilePlace): string | undefined {
  const named = flag ?? env['CONFIG_PATH']?.trim()
  if (named) return named === NO_FILE ? undefined : resolve(cwd ?? '', named)
  if (cwd === undefined) return undefined
  const usual = join(cwd, USUAL)
  return existsSync(usual) ? usual : undefined
}

/** What the file says, if there is one; a file that is named and cannot be read is a fault. */
export function readConfigFile(place: FilePlace): ConfigFile | undefined {
  const path = findConfigFile(place)
  if (path === undefined) return undefined
  const shown = nameOf(path, place.cwd)
  try {
    return readDocument(path, shown, readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const by = place.flag ? '--config: ' : place.env['CONFIG_PATH'] ? 'CONFIG_PATH: ' : ''
    return {
      path,
      shown,
      found: new Map(),
      faults: [`${by}${shown} cannot be read (${code ?? message}).`],
    }
  }
}

function nameOf(path: string, cwd: string | undefined): string {
  const within = cwd === undefined ? path : relative(cwd, path)
  return within.startsWith('..') || isAbsolute(within) ? path : within
}

function readDocument(path: string, shown: string, text: string): ConfigFile {
  const { document, at, faults } = readYaml(text, shown)
  if (faults.length > 0) return { path, shown, found: new Map(), faults }
  return { path, shown, ...settingsIn({ document, at, folder: dirname(path) }) }
}
