import { err, ok, type AccountId, type Hash, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { eraBirth } from '../era.ts'
import type { Extensions, Implicit } from '../extensions.ts'
import { signatureCheck, signingPayload, type Extrinsic, type Signed } from '../extrinsic.ts'
import { declaredInfo, type DispatchClass, type DispatchInfo } from '../framework/calls.ts'
import type { FoundCall } from '../framework/composition.ts'
import { lookup } from '../framework/multi-address.ts'
import type { TransactionValidityError } from '../framework/validity.ts'
import { addWeights, exceeds, type Weight } from '../framework/weights.ts'
import {
  baseWeight,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_WEIGHT,
  MAX_NORMAL_BYTES,
  MAX_NORMAL_WEIGHT,
} from '../limits.ts'
import { metadataHash } from '../metadata/metadata-hash.ts'
import type { AccountInfo } from '../pallets/system/account.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { SPEC_VERSION, TRANSACTION_VERSION } from '../version.ts'
import type { Environment } from './environment.ts'

type Checked<T = void> = Result<T, TransactionValidityError>

/** What a call declares before it runs. */
export function dispatchInfo({ definition, args }: FoundCall): DispatchInfo {
  return declaredInfo(definition, args)
}

/** Finds the signature that has to hold for an extrinsic, and who signed by it. */
export function askSignature(
  environment: Environment,
  { callBytes }: Extrinsic,
  signed: Signed,
): Checked<{ signer: AccountId; check: SignatureCheck }> {
  const signer = lookup(signed.address)
  if (!signer.ok) return signer
  const { extensions } = signed
  const { number } = environment.block
  const birthHash = systemStorage.BlockHash.get(environment.state, eraBirth(extensions.era, number))
  const genesisHash = systemStorage.BlockHash.get(environment.state, 0)
  if (!birthHash || !genesisHash) return err({ code: 'ancient_birth_block' })
  const implicit = implicitFor(environment, extensions, genesisHash, birthHash)
  const payload = signingPayload(callBytes, extensions, implicit, environment.state.hashes)
  return ok({ signer: signer.value, check: signatureCheck(signed, signer.value, payload) })
}

function implicitFor(
  { composition, state }: Environment,
  extensions: Extensions,
  genesisHash: Hash,
  birthHash: Hash,
): Implicit {
  const versions = { specVersion: SPEC_VERSION, transactionVersion: TRANSACTION_VERSION }
  const covered = extensions.metadataHash ? metadataHash(composition, state.hashes) : undefined
  return { ...versions, genesisHash, birthHash, metadataHash: covered }
}

/** CheckNonZeroSender and the part of CheckNonce that holds in the pool too. */
export function checkSender(
  environment: Environment,
  signer: AccountId,
  nonce: number,
): Checked<AccountInfo> {
  if (signer.every((byte) => byte === 0)) return err({ code: 'bad_signer' })
  const account = systemStorage.Account.get(environment.state, signer)
  if (account.providers === 0 && account.sufficients === 0) return err({ code: 'payment' })
  return nonce < account.nonce ? err({ code: 'stale' }) : ok(account)
}

/** What an extrinsic costs beside its call. */
export function baseOf({ signed }: Pick<Extrinsic, 'signed'>): Weight {
  return baseWeight(signed?.signature.type)
}

/** Whether any block could take the extrinsic. */
export function checkSize(info: DispatchInfo, extrinsic: Extrinsic): Checked {
  const { lengthBytes } = extrinsic
  const weight = addWeights(info.weight, baseOf(extrinsic))
  const fits =
    info.class === 'Mandatory' ||
    (!exceeds(weight, weightLimit(info.class)) && lengthBytes <= lengthLimit(info.class))
  return fits ? ok() : err({ code: 'exhausts_resources' })
}

/** Most that the calls of a class may use of one block. */
export function weightLimit(kind: DispatchClass): Weight {
  return kind === 'Normal' ? MAX_NORMAL_WEIGHT : MAX_BLOCK_WEIGHT
}

export function lengthLimit(kind: DispatchClass): number {
  return kind === 'Normal' ? MAX_NORMAL_BYTES : MAX_BLOCK_BYTES
}
