import { unwrap, type AccountId } from '@tacit/base'
import { expect } from 'vitest'
import { attemptIn } from '../execution/environment.ts'
import type { ExtrinsicError } from '../execution/block.ts'
import { encodeCall } from '../extrinsic.ts'
import type { CallContext } from '../framework/context.ts'
import type { RuntimeEvent } from '../framework/events.ts'
import { idAddress } from '../framework/multi-address.ts'
import type { Origin } from '../framework/origin.ts'
import { balancesCalls } from '../pallets/balances/calls.ts'
import { systemCalls } from '../pallets/system/index.ts'
import { TREASURY_ACCOUNT } from '../pallets/transaction-payment/types.ts'
import type { Runtime } from '../runtime.ts'
import { createTestChain, PHA, type TestChain } from './chain.ts'
import { testKey, type TestKey } from './crypto.ts'
import { eventSink } from './event-sink.ts'

export const alice: TestKey = testKey('Sr25519', 1)
export const bob: TestKey = testKey('Ed25519', 2)
export const carol: TestKey = testKey('Ecdsa', 3)
/** Owns nothing at first. */
export const dave: TestKey = testKey('Ed25519', 4)

/** Alice has 1,000 PHA, Bob 100, Carol 10, the treasury 1. */
export function richChain(runtime?: Runtime): TestChain {
  const balances = [
    { who: alice.who, free: 1_000n * PHA },
    { who: bob.who, free: 100n * PHA },
    { who: carol.who, free: 10n * PHA },
    { who: TREASURY_ACCOUNT, free: PHA },
  ]
  return createTestChain(balances, runtime)
}

export function transferCall(to: AccountId, value: bigint): Uint8Array {
  return encodeCall(10, balancesCalls.transfer_allow_death, { dest: idAddress(to), value })
}

export function remarkCall(lengthBytes: number): Uint8Array {
  return encodeCall(0, systemCalls.remark, { remark: new Uint8Array(lengthBytes) })
}

/** The error with which a block refuses an extrinsic; nothing else may change by it. */
export function refusedInBlock(chain: TestChain, bytes: Uint8Array): ExtrinsicError {
  const block = chain.begin()
  const written = chain.written()
  const applied = block.apply(bytes)
  expect(chain.written()).toEqual(written)
  chain.seal(block)
  if (applied.ok) throw new Error('the extrinsic was included')
  return applied.error
}

/** The error with which the pool refuses an extrinsic; nothing may change by it. */
export function refusedInPool(chain: TestChain, bytes: Uint8Array): ExtrinsicError {
  const written = chain.written()
  const judged = chain.runtime.validateTransaction(chain.host, chain.head(), 'External', bytes)
  expect(chain.written()).toEqual(written)
  if (judged.ok) throw new Error('the pool took the extrinsic')
  return judged.error
}

/** A context in which operations and dispatches can be called directly. */
export function contextOf(
  chain: TestChain,
  origin: Origin = { type: 'Root' },
): CallContext & { readonly events: RuntimeEvent[] } {
  const events: RuntimeEvent[] = []
  const { number, hash: parentHash } = chain.head()
  return {
    state: chain.state,
    host: chain.host,
    block: { number, parentHash, nowMs: 0n },
    origin,
    extrinsicIndex: 2,
    events,
    deposit: (event) => events.push(event),
    attempt: attemptIn(chain.host.storage, eventSink(events)),
  }
}

/** The codes of what an included extrinsic deposited. */
export function eventsOf(chain: TestChain, bytes: Uint8Array): string[] {
  return unwrap(chain.run(bytes)).events.map(({ code }) => code)
}
