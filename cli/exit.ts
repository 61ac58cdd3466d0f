/** What an exit code says; the same for every command. */
export const EXIT = {
  done: 0,
  /** The command or its request was refused: change it. */
  usage: 2,
  /** Done, but gaps are left. */
  incomplete: 3,
  /** The API, Temporal or QuestDB is away, or too much was asked for: try again later. */
  unavailable: 4,
  internal: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command that ends early: one line for people, and the API's own words for programs. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode
  /** Body of the API's answer, printed with --json. */
  readonly body: unknown

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions & { body?: unknown }) {
    super(message, options)
    this.exitCode = exitCode
    this.body = options?.body
  }
}
