import { type Hash } from '@tacit/base'
import type { Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  balancesCalls,
  balancesPallet,
  encodeCall,
  encodeSignedExtrinsic,
  idAddress,
  signingPayload,
  SPEC_VERSION,
  TRANSACTION_VERSION,
  type Extensions,
} from '@tacit/runtime'
import type { AccountId } from '@tacit/base'

export type TransferOptions = {
  readonly from: Keypair
  readonly to: AccountId
  /** Planck. */
  readonly amount: bigint
  readonly nonce: number
  readonly genesisHash: Hash
  readonly tip?: bigint
}

const SIGNATURES = { sr25519: 'Sr25519', ed25519: 'Ed25519', ecdsa: 'Ecdsa' } as const

/** A signed immortal transfer. */
export function signTransfer(options: TransferOptions): Uint8Array {
  const { from, to, amount, genesisHash } = options
  const callBytes = encodeCall(balancesPallet.index, balancesCalls.transfer_keep_alive, {
    dest: idAddress(to),
    value: amount,
  })
  return signCall(callBytes, { ...options, from, genesisHash })
}

/** Signs any call. */
export function signCall(
  callBytes: Uint8Array,
  options: Pick<TransferOptions, 'from' | 'nonce' | 'genesisHash' | 'tip'>,
): Uint8Array {
  const { from, nonce, genesisHash, tip = 0n } = options
  const era: Extensions['era'] = { type: 'Immortal' }
  const extensions: Extensions = { era, nonce, tip, metadataHash: false }
  const implicit = {
    specVersion: SPEC_VERSION,
    transactionVersion: TRANSACTION_VERSION,
    genesisHash,
    birthHash: genesisHash,
  }
  const payload = signingPayload(callBytes, extensions, implicit, native.hashes)
  const signature = { type: SIGNATURES[from.scheme], value: from.sign(payload) } as const
  return encodeSignedExtrinsic({ signer: from.accountId, signature, extensions, callBytes })
}
