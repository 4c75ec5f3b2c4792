import type { ZodType } from 'zod'

/** The schema of an answer. Only the OpenAPI document reads those, and making them all at the start would take a tenth of it: so each is made when it is first asked for. */
export type Shape<Schema extends ZodType = ZodType> = () => Schema

export function shape<Schema extends ZodType>(make: () => Schema): Shape<Schema> {
  let made: Schema | undefined
  return () => (made ??= make())
}
