import { bytesToLatin1 } from '@tacit/base'

/**
 * Remembers what was made of the latest keys; the oldest go first.
 * @param maxEntries at least 1; keys are short, at most some hundred bytes.
 */
export function remembered<T>(
  make: (key: Uint8Array) => T,
  maxEntries: number,
): (key: Uint8Array) => T {
  const made = new Map<string, T>()
  return (key) => {
    const name = bytesToLatin1(key)
    const known = made.get(name)
    if (known !== undefined) return known
    const value = make(key)
    const oldest = made.size >= maxEntries ? made.keys().next().value : undefined
    if (oldest !== undefined) made.delete(oldest)
    made.set(name, value)
    return value
  }
}
