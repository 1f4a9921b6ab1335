import { bytesToHex, toHex, type Hash } from '@tacit/base'
import type { Keypair } from '@tacit/crypto'
import {
  encodeBareExtrinsic,
  encodeSignedExtrinsic,
  signingPayload,
  SPEC_VERSION,
  TRANSACTION_VERSION,
  type DecodedEvent,
  type EventRecord,
} from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import type { Chain, JustifiedBlock } from './chain.ts'
import { TacitError } from './errors.ts'
import { toMultiSignature } from './multi-signature.ts'
import { explainDispatchError } from './dispatch-failure.ts'

/** Where an extrinsic ended up, in a justified block. */
export type Included = {
  readonly block: JustifiedBlock
  /** Position in the block. */
  readonly index: number
  readonly events: readonly DecodedEvent[]
}

export type SignOptions = {
  /** 0 to 2^32 - 1; the account's next one if left out. */
  readonly nonce?: number
  /** Planck on top of the fee. */
  readonly tip?: bigint
}

/** Blocks to wait for an accepted extrinsic before it counts as lost. */
const PATIENCE_BLOCKS = 64

const runtime = createRuntime()

/** Signs a call as an immortal version 4 extrinsic of this chain. */
export function signExtrinsic(
  chain: Chain,
  callBytes: Uint8Array,
  signer: Keypair,
  options: Required<SignOptions>,
): Uint8Array {
  const extensions = {
    era: { type: 'Immortal' } as const,
    nonce: options.nonce,
    tip: options.tip,
    metadataHash: false,
  }
  const implicit = {
    specVersion: SPEC_VERSION,
    transactionVersion: TRANSACTION_VERSION,
    genesisHash: chain.genesisHash,
    birthHash: chain.genesisHash,
  }
  const payload = signingPayload(callBytes, extensions, implicit, chain.crypto.hashes)
  const signature = toMultiSignature(signer.scheme, signer.sign(payload))
  return encodeSignedExtrinsic({ signer: signer.accountId, signature, extensions, callBytes })
}

/**
 * Signs a call, submits it and waits until a justified block holds it.
 * @throws TacitError `rpc_failed` where the pool refuses it, `dispatch_failed` with the pallet's
 *   error in details.error, `extrinsic_lost`.
 */
export async function submitSigned(
  chain: Chain,
  callBytes: Uint8Array,
  signer: Keypair,
  options: SignOptions = {},
): Promise<Included> {
  const nonce = options.nonce ?? (await chain.nextNonce(signer.accountId))
  const full = { nonce, tip: options.tip ?? 0n }
  return submitExtrinsic(chain, signExtrinsic(chain, callBytes, signer, full))
}

/** Submits an unsigned call, whose proof is inside, and waits as submitSigned() does. */
export function submitUnsigned(chain: Chain, callBytes: Uint8Array): Promise<Included> {
  return submitExtrinsic(chain, encodeBareExtrinsic(callBytes))
}

/** Submits a whole extrinsic and waits until a justified block holds it. */
export async function submitExtrinsic(chain: Chain, extrinsic: Uint8Array): Promise<Included> {
  const included = watchFor(chain, extrinsic)
  included.catch(() => {})
  await chain.rpc.request('author_submitExtrinsic', [toHex(extrinsic)])
  const found = await included
  return { ...found, events: checkSuccess(await readEvents(chain, found.block), found.index) }
}

async function watchFor(
  chain: Chain,
  extrinsic: Uint8Array,
): Promise<{ block: JustifiedBlock; index: number }> {
  const wanted = bytesToHex(extrinsic)
  const last = chain.head().number + PATIENCE_BLOCKS
  const place = (block: JustifiedBlock): number =>
    block.extrinsics.findIndex(
      (one) => one.length === extrinsic.length && bytesToHex(one) === wanted,
    )
  const block = await chain.untilJustified((one) => place(one) >= 0 || one.number >= last)
  const index = place(block)
  if (index >= 0) return { block, index }
  throw new TacitError({
    code: 'extrinsic_lost',
    shortMessage: `The extrinsic was accepted, but no block up to ${last} holds it`,
    fix: 'Submit it again; a nonce gap or a restart of the node drops waiting extrinsics.',
  })
}

/** The events of a justified block, proved. */
export async function readEvents(
  chain: Chain,
  block: { readonly header: JustifiedBlock['header']; readonly hash: Hash },
): Promise<readonly EventRecord[]> {
  const events = await chain.read(runtime.composition.eventsStorage.Events, [], block)
  return events ?? []
}

function checkSuccess(records: readonly EventRecord[], index: number): readonly DecodedEvent[] {
  const events = records
    .filter(({ phase }) => phase.type === 'ApplyExtrinsic' && phase.value === index)
    .map(({ event }) => event)
  const failed = events.find(
    ({ type, value }) => type === 'System' && value.type === 'ExtrinsicFailed',
  )
  if (!failed) return events
  throw explainDispatchError(runtime.composition, failed)
}

/** Finds an event by pallet and name; its value is what the pallet declares. */
export function findEvent<T>(
  events: readonly DecodedEvent[],
  pallet: string,
  name: string,
): T | undefined {
  const found = events.find(({ type, value }) => type === pallet && value.type === name)
  return found?.value.value as T | undefined
}
