import { parseHex, toHex } from '@tacit/base'
import type { EventRecord } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import type { Chain } from '@tacit/sdk'
import { WorkerError } from './worker-error.ts'

const runtime = createRuntime()

/**
 * A past block's events and extrinsics, unproved: the enclave checks what it is given of them.
 * @throws WorkerError `block_unavailable` where the node has it no more.
 */
export async function fetchBlock(
  chain: Chain,
  number: number,
): Promise<{
  readonly events: readonly EventRecord[]
  readonly extrinsics: readonly Uint8Array[]
}> {
  const events = runtime.composition.eventsStorage.Events
  const key = toHex(events.key(chain.crypto.hashes))
  const hash = await chain.rpc.request<string | null>('chain_getBlockHash', [number])
  const [found, raw] = await Promise.all([
    chain.rpc.request<{ block: { extrinsics: readonly string[] } } | null>('chain_getBlock', [
      hash,
    ]),
    chain.rpc.request<string | null>('state_getStorage', [key, hash]),
  ])
  const decoded = events.decode(bytesOf(raw ?? ''))
  if (hash === null || found === null || raw === null || !decoded.ok) {
    throw new WorkerError('block_unavailable', `the node does not give block ${number}`)
  }
  return { events: decoded.value, extrinsics: found.block.extrinsics.map(bytesOf) }
}

function bytesOf(text: string): Uint8Array {
  const bytes = parseHex(text)
  return bytes.ok ? bytes.value : new Uint8Array()
}
