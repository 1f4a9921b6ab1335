import { native } from '@tacit/crypto/native'
import { createDevNras } from '@tacit/platform-dev'
import { decideNras, type NrasInput } from '../../../packages/attestation/src/nvidia/nras/nras.ts'
import { NOW } from '../../../packages/attestation/src/testing/kit.ts'
import { GPU_NONCE } from '../../../packages/attestation/src/testing/nvidia-kit.ts'
import type { FuzzTarget } from '../target.ts'

/**
 * An answer of NVIDIA's service about two devices with the key set; another key in the set is
 * another signer, which no mutation has a signature of.
 */
export function nrasTargets(): readonly FuzzTarget[] {
  const service = createDevNras(new Uint8Array(32).fill(7))
  const devices = { 'GPU-0': {}, 'SWITCH-0': {} }
  const result = service.attest({ nonce: GPU_NONCE, now: NOW, devices })
  const context = { nonce: GPU_NONCE, now: NOW, hashes: native.hashes }
  const overall = new TextDecoder().decode(result).split('"')[3] ?? ''
  const jwks = service.jwks()
  return [
    nrasTarget('synthetic-nras', { ...context, result, jwks }),
    nrasTarget('synthetic-nras-overall', {
      ...context,
      result: new TextEncoder().encode(overall),
      jwks,
    }),
  ]
}

function nrasTarget(name: string, input: NrasInput): FuzzTarget {
  return {
    name,
    parts: { result: input.result, jwks: input.jwks },
    run: (parts, verify) => decideNras({ ...input, ...parts }, verify),
  }
}
