import { createHttp, HTTP_LIMITS, type Http, type HttpLimits } from '../http/http-client.ts'

/** Unix milliseconds of every test here. */
export const NOW_MS: number = Date.UTC(2026, 5, 1)

/** A client that waits for nothing and writes down how long it would have. */
export function testHttp(limits: Partial<HttpLimits> = {}): { http: Http; pauses: number[] } {
  const pauses: number[] = []
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms)
    return Promise.resolve()
  }
  const world = { sleep, random: () => 1, now: () => NOW_MS }
  return { http: createHttp(world, { ...HTTP_LIMITS, ...limits }), pauses }
}
