import { fixedBytes, variant, type CaseOf, type Codec } from '@tacit/base'

/** sp_runtime::MultiSignature. */
export type MultiSignature =
  | CaseOf<'Ed25519', Uint8Array>
  | CaseOf<'Sr25519', Uint8Array>
  | CaseOf<'Ecdsa', Uint8Array>

export const multiSignature: Codec<MultiSignature> = variant(
  { Ed25519: [0, fixedBytes(64)], Sr25519: [1, fixedBytes(64)], Ecdsa: [2, fixedBytes(65)] },
  { path: ['sp_runtime', 'MultiSignature'] },
)
