import { NO_FILE } from './config-file.ts'
import type { Env } from './environment.ts'
import type { Settings } from './process-settings.ts'
import { fileVariableOf, KEYS, settingOf } from './settings.ts'

/** Files of secrets by the variables they stand for. */
const FILE_VARIABLES = new Map(
  KEYS.flatMap((key) => {
    const file = fileVariableOf(key)
    return file === undefined ? [] : [[settingOf(key).variables[0], file] as const]
  }),
)

/**
 * Environment by which another process of ours reads the same settings, with those of `set` in place
 * of whatever says otherwise: undefined takes one away.
 */
export function handOn(settings: Settings, env: Env, set: Env): Record<string, string | undefined> {
  const flags = [...settings.flags.settings].map(([key, text]) => [
    settingOf(key).variables[0],
    text,
  ])
  const over: Env = { ...Object.fromEntries(flags), ...set }
  const files = Object.keys(over).flatMap((variable) => FILE_VARIABLES.get(variable) ?? [])
  return {
    ...env,
    ...over,
    ...Object.fromEntries(files.map((file) => [file, undefined])),
    CONFIG_PATH: settings.file?.path ?? NO_FILE,
  }
}
