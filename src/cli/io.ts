/** What a command reads and writes; tests give their own. */
export interface Io {
  cwd: string
  /** The folder of the package. */
  root: string
  env: Readonly<Record<string, string | undefined>>
  out: (text: string) => void
  err: (text: string) => void
  readInput: () => Promise<string>
  now: () => Date
  random: (bytes: number) => Uint8Array
}

/** What went wrong, in words for the person at the terminal. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
