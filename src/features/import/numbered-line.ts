/** A user of an import with the line of the file that it stands on, for the report; an Error in the place of one that cannot be read. */
export class NumberedLine {
  readonly line: number
  readonly user: unknown

  constructor(line: number, user: unknown) {
    this.line = line
    this.user = user
  }
}
