import { isLoopback } from './origin.ts'

/** Who may call methods that cost much: nobody, everybody, or whoever reaches this machine's own address. */
export const UNSAFE_POLICIES = ['auto', 'safe', 'unsafe'] as const

export type UnsafePolicy = (typeof UNSAFE_POLICIES)[number]

/** Behind a reverse proxy on the same machine, 'auto' cannot tell who calls: choose 'safe' there. */
export function allowsUnsafe(policy: UnsafePolicy, host: string): boolean {
  return policy === 'unsafe' || (policy === 'auto' && isLoopback(host))
}
