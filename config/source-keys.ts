import type { Settings } from './process-settings.ts'
import { settingOf } from './settings.ts'

/** Keys that venues ask for, by the variable that their source names. */
export type SourceKeys = ReadonlyMap<string, string>

/** Those that there are. */
export function sourceKeys(settings: Settings): SourceKeys {
  const names = ['data.coinmarketcapKey'] as const
  return new Map(
    names.flatMap((name) => {
      const key = settings.get(name)
      return key === undefined ? [] : [[settingOf(name).variables[0], key] as const]
    }),
  )
}
