import type { z } from 'zod'
import { CONNECTIONS } from './declared/connections.ts'
import { PROCESSES } from './declared/processes.ts'
import { SPENDING } from './declared/spending.ts'
import type { Setting } from './setting.ts'

/**
 * Every setting of every process, by its name in `backtide.yaml`. What is read of files, variables and
 * flags, `config show`, `.env.example`, `backtide.example.yaml` and the table in docs/operations.md
 * all follow from here; `npm run settings` writes the last three.
 */
export const SETTINGS = {
  ...CONNECTIONS,
  ...PROCESSES,
  ...SPENDING,
} as const satisfies Record<string, Setting>

/** Name of a setting. */
export type Key = keyof typeof SETTINGS

/** What a setting gives. */
export type Value<K extends Key> =
  | z.output<(typeof SETTINGS)[K]['schema']>
  | ((typeof SETTINGS)[K] extends { readonly default: unknown } ? never : undefined)

export const KEYS = Object.keys(SETTINGS) as readonly Key[]

/** Sections of a file of settings, and what is in each, in the order they are declared. */
export const SECTIONS: ReadonlyMap<string, readonly Key[]> = new Map(
  [...new Set(KEYS.map(sectionOf))].map((section) => [
    section,
    KEYS.filter((key) => sectionOf(key) === section),
  ]),
)

function sectionOf(key: Key): string {
  return key.replace(/\..*/, '')
}

/** The declaration of a setting, whichever it is. */
export function settingOf(key: Key): Setting {
  return SETTINGS[key]
}

/** A name in a file that is a setting's. */
export function isKey(name: string): name is Key {
  return Object.hasOwn(SETTINGS, name)
}

/** The flag of a setting: `--api-port` of `api.port`. */
export function flagOf(key: Key): string {
  return `--${key.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The variable that names a file with a secret. */
export function fileVariableOf(key: Key): string | undefined {
  const { secret, variables } = settingOf(key)
  return secret === undefined ? undefined : `${variables[0]}_FILE`
}
