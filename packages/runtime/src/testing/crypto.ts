import type { AccountId } from '@tacit/base'
import { keypairFromSeed, type Hashes, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import type { MultiSignature } from '../protocol/signature.ts'

export const hashes: Hashes = native.hashes

export function verify(check: SignatureCheck): boolean {
  return native.verify(check)
}

/** An account that signs. */
export type TestKey = {
  readonly who: AccountId
  sign(message: Uint8Array): MultiSignature
}

const SCHEMES = { Sr25519: 'sr25519', Ed25519: 'ed25519', Ecdsa: 'ecdsa' } as const

/** The key whose secret is one byte, repeated. */
export function testKey(type: MultiSignature['type'], seed: number): TestKey {
  const pair = keypairFromSeed(SCHEMES[type], new Uint8Array(32).fill(seed))
  return { who: pair.accountId, sign: (message) => ({ type, value: pair.sign(message) }) }
}
