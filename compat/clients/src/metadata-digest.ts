import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata'
import { TOKEN } from './client.ts'

/** The hash by which a signer names the metadata, or that of metadata with other decimals. */
export function metadataDigest(metadata: Uint8Array, which: 'right' | 'wrong'): Uint8Array {
  const decimals = which === 'right' ? TOKEN.decimals : TOKEN.decimals + 1
  return merkleizeMetadata(metadata, { ...TOKEN, decimals }).digest()
}
