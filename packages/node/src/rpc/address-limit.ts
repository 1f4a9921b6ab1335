import { isIPv6 } from 'node:net'
import { isLoopback } from './origin.ts'

/** How many connections one address may have. */
export interface AddressLimit {
  /**
   * Counts a connection in.
   * @returns what counts it out, to be called once; undefined if it is one too many.
   */
  take(address: string | undefined): (() => void) | undefined
}

/**
 * This machine is not limited: everybody behind a proxy comes from it. Who has one address of IPv6
 * has 2^64 of them, which count as one.
 */
export function createAddressLimit(limit: number): AddressLimit {
  const counts = new Map<string, number>()
  return {
    take: (address = '') => {
      if (isLoopback(address)) return () => {}
      const name = networkOf(address)
      const count = counts.get(name) ?? 0
      if (count >= limit) return undefined
      counts.set(name, count + 1)
      return () => {
        const left = (counts.get(name) ?? 1) - 1
        if (left > 0) counts.set(name, left)
        else counts.delete(name)
      }
    },
  }
}

/** An IPv4 address, or the first 64 bits of one of IPv6. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const first = head.split(':').filter((part) => part !== '')
  const last = (tail ?? '').split(':').filter((part) => part !== '')
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return [...first, ...zeros, ...last]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16))
    .join(':')
}
