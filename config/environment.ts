import { readFileSync } from 'node:fs'
import { foundText, type Found } from './found.ts'
import { fileVariableOf, settingOf, type Key } from './settings.ts'

/** Variables by name; an empty one counts as not set. */
export type Env = Readonly<Record<string, string | undefined>>

/**
 * What the environment says of a setting: its variable, or for what is secret a file that NAME_FILE
 * names.
 * @throws Error when both are set, the file cannot be read, or the text is not of its kind
 */
export function findInEnvironment(env: Env, key: Key): Found | undefined {
  const { variables, written } = settingOf(key)
  const variable = variables.find((name) => env[name]?.trim())
  const fileVariable = fileVariableOf(key)
  const path = fileVariable && env[fileVariable]?.trim()
  if (path) {
    if (variable !== undefined) {
      throw new Error(`${variable} and ${fileVariable} are both set: unset one of them`)
    }
    return foundText(from(fileVariable), written, readSecret(fileVariable, path))
  }
  if (variable === undefined) return undefined
  return foundText(from(variable), written, env[variable]?.trim() ?? '')
}

function from(name: string) {
  return { from: 'environment', name } as const
}

function readSecret(variable: string, path: string): string {
  const secret = readFile(variable, path).trim()
  if (secret === '') throw new Error(`${variable}: The file is empty.`)
  return secret
}

function readFile(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    throw new Error(`${variable}: The file cannot be read (${code}).`, { cause: error })
  }
}
