import { hpkeGenerateKeypair, keypairFromSeed, type Keypair } from '@tacit/crypto'

/** Draws random bytes; the process passes node:crypto's generator, a test its own. */
export type Random = (length: number) => Uint8Array

/** Who an enclave is from one boot to its end. They are never stored. */
export interface InstanceKeys {
  /** ed25519. */
  readonly signing: Keypair
  /** X25519. */
  readonly encryption: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }
}

export function createInstanceKeys(random: Random): InstanceKeys {
  return {
    signing: keypairFromSeed('ed25519', random(32)),
    encryption: hpkeGenerateKeypair(random(32)),
  }
}
