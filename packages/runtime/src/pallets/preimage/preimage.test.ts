import { bytesToHex, decode, encode, unwrap, type AccountId, type Hash } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeCall } from '../../extrinsic.ts'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { Origin } from '../../framework/origin.ts'
import { PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, contextOf, dave, richChain } from '../../testing/scenario.ts'
import { OPERATION_PS } from '../../framework/weights.ts'
import { held } from '../balances/ops.ts'
import { MAX_NORMAL_BYTES, MAX_NORMAL_WEIGHT } from '../../limits.ts'
import {
  bound,
  bounded as codec,
  dropBounded,
  holdBounded,
  lookupBytes,
  MAX_INLINE_BYTES,
  peekBounded,
  type Bounded,
} from './bounded.ts'
import { preimageCalls } from './calls.ts'
import { fetchPreimage, preimageLength } from './preimages.ts'
import {
  MAX_PREIMAGE_BYTES,
  MAX_UPDATED_HASHES,
  PREIMAGE_INDEX,
  preimageDeposit,
  preimageErrors,
  preimageStorage,
  type RequestStatus,
} from './types.ts'

const ROOT: Origin = { type: 'Root' }
const NONE: Origin = { type: 'None' }
const by = (who: AccountId): Origin => ({ type: 'Signed', who })
const ALICE = by(alice.who)
const done = { ok: true, value: undefined }
const fails = (error: object): unknown => ({ ok: false, error })
const badOrigin = fails({ code: 'bad_origin' })
const free = { ok: true, value: { paysFee: false } }
const paid = { ok: true, value: { paysFee: true } }
const BYTES = new Uint8Array(200).fill(7)
const HASH = hashes.blake2b256(BYTES) as Hash
const DEPOSIT = preimageDeposit(200)

let chain: TestChain
let events: readonly { readonly code: string }[]
beforeEach(() => {
  chain = richChain()
  events = []
})

function as(origin: Origin): CallContext {
  const context = contextOf(chain, origin)
  events = context.events
  return context
}
const note = (origin: Origin, bytes = BYTES): unknown =>
  preimageCalls.note_preimage.dispatch(as(origin), { bytes })
const unnote = (origin: Origin, hash = HASH): unknown =>
  plain(preimageCalls.unnote_preimage.dispatch(as(origin), { hash }))
const request = (origin: Origin): unknown =>
  preimageCalls.request_preimage.dispatch(as(origin), { hash: HASH })
const unrequest = (origin: Origin): unknown =>
  plain(preimageCalls.unrequest_preimage.dispatch(as(origin), { hash: HASH }))
/** Without what it cost. */
const plain = (result: DispatchResult): unknown => (result.ok ? done : fails(result.error))
const codes = (): string[] => events.map(({ code }) => code)
const status = (): RequestStatus | undefined =>
  preimageStorage.RequestStatusFor.get(chain.state, HASH)
const REASON = { type: 'Preimage', value: { type: 'Preimage' } } as const
const heldFromAlice = (): bigint => held(chain.state, REASON, alice.who)

function expectNothing(): void {
  expect(preimageStorage.RequestStatusFor.entries(chain.state)).toEqual([])
  expect(preimageStorage.PreimageFor.entries(chain.state)).toEqual([])
  expect(heldFromAlice()).toBe(0n)
  expect(chain.free(alice.who)).toBe(1_000n * PHA)
}

describe('a preimage of an account', () => {
  test('is there under a deposit until the account takes it away', () => {
    expect(note(ALICE)).toEqual(paid)
    expect(codes()).toEqual(['Balances.Held', 'Preimage.Noted'])
    expect(heldFromAlice()).toBe(DEPOSIT)
    expect(status()).toEqual({
      type: 'Unrequested',
      value: { ticket: [alice.who, DEPOSIT], len: 200 },
    })
    expect(preimageLength(chain.state, HASH)).toBe(200)
    expect(fetchPreimage(chain.state, HASH)).toEqual(BYTES)
    expect(fetchPreimage(chain.state, HASH, 199)).toBeUndefined()
    const before = chain.written()
    expect(note(by(bob.who))).toEqual(fails(preimageErrors.AlreadyNoted))
    expect(unnote(by(bob.who))).toEqual(fails(preimageErrors.NotAuthorized))
    expect(unrequest(ROOT)).toEqual(fails(preimageErrors.NotRequested))
    expect(chain.written()).toEqual(before)
    expect(unnote(ALICE)).toEqual(done)
    expect(codes()).toEqual(['Balances.Released', 'Preimage.Cleared'])
    expectNothing()
    expect(unnote(ALICE)).toEqual(fails(preimageErrors.NotNoted))
  })

  test('stays while the chain asks for it, without a deposit if its account wishes', () => {
    note(ALICE)
    expect(request(ROOT)).toEqual(done)
    expect(codes()).toEqual(['Preimage.Requested'])
    expect(unnote(by(bob.who))).toEqual(fails(preimageErrors.NotAuthorized))
    expect(unnote(ALICE)).toEqual(done)
    expect(heldFromAlice()).toBe(0n)
    expect(fetchPreimage(chain.state, HASH)).toEqual(BYTES)
    expect(unnote(ALICE)).toEqual(fails(preimageErrors.NotAuthorized))
    expect(unrequest(ROOT)).toEqual(done)
    expect(codes()).toEqual(['Preimage.Cleared'])
    expectNothing()
  })

  test('is its own again when nothing asks for it any more', () => {
    note(ALICE)
    request(ROOT)
    request(ROOT)
    expect(unrequest(ROOT)).toEqual(done)
    expect(status()).toMatchObject({ type: 'Requested', value: { count: 1 } })
    expect(unrequest(ROOT)).toEqual(done)
    expect(status()).toMatchObject({ type: 'Unrequested' })
    expect(heldFromAlice()).toBe(DEPOSIT)
    expect(unnote(ALICE)).toEqual(done)
    expectNothing()
  })

  test('is taken away by the chain, which gives the deposit back', () => {
    note(ALICE)
    expect(unnote(ROOT)).toEqual(done)
    expectNothing()
  })

  test('needs the deposit', () => {
    const before = chain.written()
    expect(note(by(dave.who))).toEqual(fails({ code: 'token', reason: 'FundsUnavailable' }))
    expect(chain.written()).toEqual(before)
  })

  test('may be empty, and as long as the limit, which fits into a block', () => {
    expect(note(ALICE, new Uint8Array())).toEqual(paid)
    expect(heldFromAlice()).toBe(preimageDeposit(0))
    const largest = new Uint8Array(MAX_PREIMAGE_BYTES)
    expect(note(ALICE, largest)).toEqual(paid)
    expect(heldFromAlice()).toBe(preimageDeposit(0) + preimageDeposit(MAX_PREIMAGE_BYTES))
    expect(note(ALICE, new Uint8Array(MAX_PREIMAGE_BYTES + 1))).toEqual(
      fails(preimageErrors.TooBig),
    )
    const args = { bytes: largest }
    expect(encodeCall(PREIMAGE_INDEX, preimageCalls.note_preimage, args).length).toBeLessThan(
      MAX_NORMAL_BYTES / 3,
    )
    expect(preimageCalls.note_preimage.weight(args).refTime).toBeLessThan(
      MAX_NORMAL_WEIGHT.refTime / 3n,
    )
  })
})

describe('what it takes to remove a preimage', () => {
  const { unnote_preimage: call } = preimageCalls
  const costOf = (result: DispatchResult): bigint | undefined => {
    const post = result.ok ? result.value : result.post
    return post?.actualWeight?.refTime
  }
  const removal = (origin: Origin): bigint | undefined =>
    costOf(call.dispatch(as(origin), { hash: HASH }))

  test('grows with its bytes: of the largest a block removes less than 100 MiB', () => {
    const { refTime } = call.weight({ hash: HASH })
    expect(MAX_NORMAL_WEIGHT.refTime / refTime).toBeLessThan(100n)
    expect(preimageCalls.unrequest_preimage.weight({ hash: HASH }).refTime).toBe(refTime)
  })

  test('is paid for the bytes that are there', () => {
    const nothing = removal(ALICE) ?? 0n
    note(ALICE)
    expect(removal(by(bob.who))).toBe(nothing + 20n * 200n * OPERATION_PS.byte)
    expect(removal(ALICE)).toBe(nothing + 20n * 200n * OPERATION_PS.byte)
    expect(removal(ALICE)).toBe(nothing)
    expect(nothing).toBeLessThan(call.weight({ hash: HASH }).refTime / 50n)
    const unasked = preimageCalls.unrequest_preimage.dispatch(as(ROOT), { hash: HASH })
    expect(costOf(unasked)).toBe(nothing)
  })
})

describe('a preimage that the chain asks for', () => {
  test('costs nothing, once', () => {
    expect(request(ROOT)).toEqual(done)
    expect(preimageLength(chain.state, HASH)).toBeUndefined()
    expect(unnote(ALICE)).toEqual(fails(preimageErrors.NotAuthorized))
    expect(note(ALICE)).toEqual(free)
    expect(codes()).toEqual(['Preimage.Noted'])
    expect(heldFromAlice()).toBe(0n)
    for (const origin of [ALICE, ROOT])
      expect(note(origin)).toEqual(fails(preimageErrors.AlreadyNoted))
    expect(unrequest(ROOT)).toEqual(done)
    expectNothing()
  })

  test('is forgotten with the last request if it never came', () => {
    request(ROOT)
    expect(unrequest(ROOT)).toEqual(done)
    expectNothing()
    expect(unrequest(ROOT)).toEqual(fails(preimageErrors.NotRequested))
  })

  test('refunds the fee of who noted it', () => {
    const call = encodeCall(PREIMAGE_INDEX, preimageCalls.note_preimage, { bytes: BYTES })
    request(ROOT)
    const { dispatch, feePlanck } = unwrap(chain.run(chain.sign(alice, call)))
    expect([dispatch, feePlanck]).toEqual([done, 0n])
    expect(unwrap(chain.run(chain.sign(alice, call))).feePlanck).toBeGreaterThan(0n)
  })

  test("may be the chain's own", () => {
    expect(note(ROOT)).toEqual(free)
    expect(status()).toMatchObject({ type: 'Requested', value: { count: 1, maybe_len: 200 } })
    expect(unnote(ROOT)).toEqual(done)
    expectNothing()
  })

  test('becomes so although an account paid for it', () => {
    note(ALICE)
    expect(note(ROOT)).toEqual(free)
    expect(status()).toMatchObject({ value: { maybe_ticket: [alice.who, DEPOSIT], count: 1 } })
  })

  test('is asked for no more often than can be counted', () => {
    const value = { maybe_ticket: undefined, count: 2 ** 32 - 1, maybe_len: undefined }
    preimageStorage.RequestStatusFor.set(chain.state, HASH, { type: 'Requested', value })
    expect(request(ROOT)).toEqual(done)
    expect(status()).toEqual({ type: 'Requested', value })
  })
})

describe('origins', () => {
  test('nobody notes nothing', () => {
    expect(note(NONE)).toEqual(badOrigin)
    expect(unnote(NONE)).toEqual(badOrigin)
  })

  test.each([ALICE, NONE])('$type may not ask', (origin) => {
    expect(request(origin)).toEqual(badOrigin)
    expect(unrequest(origin)).toEqual(badOrigin)
  })

  test('ensure_updated is for accounts, and has nothing to do', () => {
    const update = (origin: Origin, count: number): unknown =>
      preimageCalls.ensure_updated.dispatch(as(origin), {
        hashes: Array<Hash>(count).fill(HASH),
      })
    expect(update(ROOT, 1)).toEqual(badOrigin)
    expect(update(NONE, 1)).toEqual(badOrigin)
    expect(update(ALICE, 0)).toEqual(fails(preimageErrors.TooFew))
    expect(update(ALICE, MAX_UPDATED_HASHES + 1)).toEqual(fails(preimageErrors.TooMany))
    expect(update(ALICE, MAX_UPDATED_HASHES)).toEqual(done)
  })
})

describe('a bounded value', () => {
  test('lies inline up to 128 bytes', () => {
    const short = new Uint8Array(MAX_INLINE_BYTES)
    const bounded = unwrap(bound(as(ROOT), short))
    expect(bounded).toEqual({ type: 'Inline', value: short })
    expect([peekBounded(chain.state, bounded), lookupBytes(bounded)]).toEqual([short, 0])
    holdBounded(as(ROOT), bounded)
    dropBounded(as(ROOT), bounded)
    expectNothing()
  })

  test('lies in a preimage from there on, for as long as it is held', () => {
    const bounded = unwrap(bound(as(ROOT), BYTES))
    expect(bounded).toEqual({ type: 'Lookup', value: { hash: HASH, len: 200 } })
    expect([peekBounded(chain.state, bounded), lookupBytes(bounded)]).toEqual([BYTES, 200])
    expect(unwrap(bound(as(ROOT), BYTES))).toEqual(bounded)
    holdBounded(as(ROOT), bounded)
    for (const left of [2, 1]) {
      dropBounded(as(ROOT), bounded)
      expect(status()).toMatchObject({ type: 'Requested', value: { count: left } })
    }
    dropBounded(as(ROOT), bounded)
    expectNothing()
    dropBounded(as(ROOT), bounded)
    expectNothing()
  })

  test('takes over what an account has noted, and gives it back', () => {
    note(ALICE)
    const bounded = unwrap(bound(as(ROOT), BYTES))
    dropBounded(as(ROOT), bounded)
    expect(status()).toMatchObject({ type: 'Unrequested' })
    expect(unnote(ALICE)).toEqual(done)
    expectNothing()
  })

  test('brings what was asked for already', () => {
    request(ROOT)
    const bounded = unwrap(bound(as(ROOT), BYTES))
    expect(status()).toMatchObject({ value: { count: 2, maybe_len: 200 } })
    dropBounded(as(ROOT), bounded)
    expect(peekBounded(chain.state, bounded)).toEqual(BYTES)
  })

  test('may not be longer than a preimage', () => {
    expect(bound(as(ROOT), new Uint8Array(MAX_PREIMAGE_BYTES + 1))).toEqual(
      fails({ code: 'exhausted' }),
    )
  })

  test('of former versions is read by its hash alone', () => {
    const legacy: Bounded = { type: 'Legacy', value: { hash: HASH } }
    expect(peekBounded(chain.state, legacy)).toBeUndefined()
    note(ALICE)
    expect(peekBounded(chain.state, legacy)).toEqual(BYTES)
    expect(lookupBytes(legacy)).toBe(MAX_PREIMAGE_BYTES)
  })

  test.each<[Bounded, string]>([
    [{ type: 'Legacy', value: { hash: HASH } }, `00${bytesToHex(HASH)}`],
    [{ type: 'Inline', value: Uint8Array.of(1, 2) }, '01080102'],
    [{ type: 'Lookup', value: { hash: HASH, len: 258 } }, `02${bytesToHex(HASH)}02010000`],
  ])('is encoded as FRAME does: %o', (bounded, hex) => {
    expect(bytesToHex(encode(codec, bounded))).toBe(hex)
    expect(decode(codec, encode(codec, bounded))).toEqual({ ok: true, value: bounded })
  })
})

test('statuses and preimages are stored as FRAME stores them', () => {
  note(ALICE)
  const hash = bytesToHex(HASH)
  const key = bytesToHex(preimageStorage.RequestStatusFor.key(hashes, HASH))
  expect(key.slice(64)).toBe(hash)
  const raw = chain.state.get(preimageStorage.RequestStatusFor.key(hashes, HASH))
  const amount = DEPOSIT.toString(16).padStart(32, '0').match(/../g)?.toReversed().join('')
  expect(raw && bytesToHex(raw)).toBe(`00${bytesToHex(alice.who)}${amount}c8000000`)
  const place = bytesToHex(preimageStorage.PreimageFor.key(hashes, [HASH, 200]))
  expect(place.slice(64)).toBe(`${hash}c8000000`)
  const stored = chain.state.get(preimageStorage.PreimageFor.key(hashes, [HASH, 200]))
  expect(stored && bytesToHex(stored)).toBe(`2103${'07'.repeat(200)}`)
})
