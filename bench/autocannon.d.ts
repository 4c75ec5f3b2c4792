declare module 'autocannon' {
  interface Options {
    url: string
    connections: number
    duration: number
    headers?: Readonly<Record<string, string>>
  }
  interface Result {
    '2xx': number
    non2xx: number
    errors: number
    /** Seconds. */
    duration: number
    latency: { p50: number; p99: number }
  }
  export default function autocannon(options: Options): Promise<Result>
}
