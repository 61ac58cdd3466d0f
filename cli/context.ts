import type { ApiClient } from './client.ts'

/** What a command works with. */
export interface Context {
  readonly client: () => ApiClient
  /** Writes a line of data to stdout. */
  readonly print: (text: string) => void
  /** Writes a line for people to stderr. */
  readonly tell: (text: string) => void
  /** Asks a person and gives the answer; undefined where there is no terminal to ask on. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** What is piped into the command; undefined where it would be typed. */
  readonly readInput: () => Promise<string | undefined>
  /** Whether stdout shows colours. */
  readonly colors: boolean
}

/** Prints an answer of the API as one line. */
export function printJson(context: Context, body: unknown): void {
  context.print(JSON.stringify(body))
}
