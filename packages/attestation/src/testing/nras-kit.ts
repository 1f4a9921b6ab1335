import { native } from '@tacit/crypto/native'
import { createDevNras, type DevNras, type NrasClaims } from '@tacit/platform-dev'
import type { NrasInput } from '../nvidia/nras/nras.ts'
import { NOW } from './kit.ts'

export const NRAS_NONCE: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => at)

export const nrasService: DevNras = createDevNras(new Uint8Array(32).fill(7))

/** What a service answers about devices, with the keys that it publishes. */
export function nrasInput(
  from: DevNras = nrasService,
  devices: Readonly<Record<string, NrasClaims>> = { 'GPU-0': {}, 'GPU-1': {} },
): NrasInput {
  const nonce = NRAS_NONCE
  const result = from.attest({ nonce, now: NOW, devices })
  return { result, jwks: from.jwks(), nonce, now: NOW, hashes: native.hashes }
}
