import { blake2b } from '@noble/hashes/blake2.js'
import {
  bool,
  bytes,
  compactU64,
  concatBytes,
  decode,
  encode,
  option,
  struct,
  tuple,
  u128,
  u32,
  u64,
  u8,
  unwrap,
  utf8,
  vec,
  type Codec,
} from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBareExtrinsic } from '../extrinsic.ts'
import { OPERATION_PS } from '../framework/weights.ts'
import { BASE_EXTRINSIC_WEIGHT } from '../limits.ts'
import { FEE_PER_BYTE, FEE_PER_PS } from '../pallets/transaction-payment/fees.ts'
import type { TestChain } from '../testing/chain.ts'
import {
  alice,
  bob,
  carol,
  dave,
  remarkCall,
  richChain,
  transferCall,
} from '../testing/scenario.ts'
import { runtimeVersion } from '../version.ts'

let chain: TestChain
beforeEach(() => {
  chain = richChain()
})

const ask = (name: string, ...params: Uint8Array[]): ReturnType<TestChain['runtime']['callApi']> =>
  chain.runtime.callApi(chain.host, chain.head(), name, concatBytes(...params))
const answer = <T>(codec: Codec<T>, name: string, ...params: Uint8Array[]): T =>
  unwrap(decode(codec, unwrap(ask(name, ...params))))

test('every API is listed in the version under the hash of its name', () => {
  const { apis, runtime } = { apis: chain.runtime.apis, runtime: chain.runtime }
  for (const { name, id, version } of apis) {
    expect(runtime.version.apis).toContainEqual([id, version])
    // sp_api: the BLAKE2b with eight bytes of output.
    expect(id).toEqual(blake2b(utf8(name), { dkLen: 8 }))
  }
  expect(runtime.version.apis).toHaveLength(apis.length)
})

test('Core and Metadata', () => {
  expect(answer(runtimeVersion, 'Core_version')).toEqual(chain.runtime.version)
  expect(answer(bytes, 'Metadata_metadata')).toEqual(chain.runtime.metadata(14))
  expect(answer(vec(u32), 'Metadata_metadata_versions')).toEqual([14, 15, 16])
  const at = (version: number): Uint8Array | undefined =>
    answer(option(bytes), 'Metadata_metadata_at_version', encode(u32, version))
  expect([14, 15, 16].map(at)).toEqual(
    [14, 15, 16].map((version) => chain.runtime.metadata(version as 14)),
  )
  expect(at(13)).toBeUndefined()
})

test('nonces', () => {
  const nonce = (): number => answer(u32, 'AccountNonceApi_account_nonce', bob.who)
  expect(nonce()).toBe(0)
  unwrap(chain.run(chain.sign(bob, remarkCall(1))))
  expect(nonce()).toBe(1)
  expect(answer(u32, 'AccountNonceApi_account_nonce', dave.who)).toBe(0)
})

describe('fees', () => {
  const info = struct({ refTime: compactU64, proofSize: compactU64, class: u8, partialFee: u128 })
  const parts = tuple(option(tuple(u128, u128, u128)), u128)

  test('are told before they are paid', () => {
    const extrinsic = chain.sign(bob, transferCall(alice.who, 1n), { tip: 99n })
    const length = encode(u32, extrinsic.length)
    const { partialFee, refTime } = answer(
      info,
      'TransactionPaymentApi_query_info',
      extrinsic,
      length,
    )
    const [fee, tip] = answer(parts, 'TransactionPaymentApi_query_fee_details', extrinsic, length)
    expect(fee).toEqual([
      BASE_EXTRINSIC_WEIGHT.refTime * FEE_PER_PS,
      BigInt(extrinsic.length) * FEE_PER_BYTE,
      refTime * FEE_PER_PS,
    ])
    expect(tip).toBe(0n)
    expect(partialFee).toBe(fee?.reduce((sum, part) => sum + part, 0n))
    expect(unwrap(chain.run(extrinsic)).feePlanck).toBe(partialFee + 99n)
    const call = transferCall(alice.who, 1n)
    expect(answer(info, 'TransactionPaymentCallApi_query_call_info', call, length).partialFee).toBe(
      partialFee,
    )
    expect(
      answer(parts, 'TransactionPaymentCallApi_query_call_fee_details', call, length)[0],
    ).toEqual(fee)
  })

  test('are more where the signature costs more, as told and as paid', () => {
    const extrinsic = chain.sign(carol, transferCall(alice.who, 1n))
    const length = encode(u32, extrinsic.length)
    const told = answer(info, 'TransactionPaymentApi_query_info', extrinsic, length)
    const [fee] = answer(parts, 'TransactionPaymentApi_query_fee_details', extrinsic, length)
    expect(fee?.[0]).toBe((OPERATION_PS.ecdsa + 100_000_000n) * FEE_PER_PS)
    const { feePlanck, weight } = unwrap(chain.run(extrinsic))
    expect(feePlanck).toBe(told.partialFee)
    expect(weight.refTime).toBe(told.refTime + OPERATION_PS.ecdsa + 100_000_000n)
  })

  test('are none without a signature', () => {
    const extrinsic = encodeBareExtrinsic(remarkCall(4))
    const length = encode(u32, extrinsic.length)
    expect(answer(info, 'TransactionPaymentApi_query_info', extrinsic, length).partialFee).toBe(0n)
    expect(
      answer(parts, 'TransactionPaymentApi_query_fee_details', extrinsic, length)[0],
    ).toBeUndefined()
  })

  test('have tables', () => {
    const weight = encode(tuple(compactU64, compactU64), [7n, 0n])
    expect(answer(u128, 'TransactionPaymentApi_query_weight_to_fee', weight)).toBe(7n * FEE_PER_PS)
    expect(answer(u128, 'TransactionPaymentCallApi_query_length_to_fee', encode(u32, 7))).toBe(
      7n * FEE_PER_BYTE,
    )
  })
})

describe('validation', () => {
  const name = 'TaggedTransactionQueue_validate_transaction'
  const external = Uint8Array.of(2)

  test('says valid with tags', () => {
    const extrinsic = chain.sign(bob, remarkCall(1))
    const valid = struct({
      ok: u8,
      priority: u64,
      requires: vec(bytes),
      provides: vec(bytes),
      longevity: u64,
      propagate: bool,
    })
    const judged = answer(valid, name, external, extrinsic, chain.head().hash)
    expect(judged).toMatchObject({
      ok: 0,
      requires: [],
      longevity: 2n ** 64n - 1n,
      propagate: true,
    })
    expect(judged.provides).toEqual([concatBytes(bob.who, encode(u32, 0))])
  })

  test("says why not, in FRAME's codes", () => {
    const judge = (extrinsic: Uint8Array): number[] => [
      ...unwrap(ask(name, external, extrinsic, chain.head().hash)),
    ]
    expect(judge(chain.sign(dave, remarkCall(1)))).toEqual([1, 0, 1]) // Invalid::Payment
    expect(
      judge(chain.sign(bob, remarkCall(1), { nonce: 1, implicit: { specVersion: 9 } })),
    ).toEqual([1, 0, 4]) // BadProof
    expect(judge(encodeBareExtrinsic(remarkCall(1)))).toEqual([1, 1, 1]) // Unknown::NoUnsignedValidator
    const old = chain.sign(bob, remarkCall(1))
    unwrap(chain.run(old))
    expect(judge(old)).toEqual([1, 0, 3]) // Stale
  })
})

describe('bad questions', () => {
  test.each([
    'Core_execute_block',
    'Core',
    '',
    'core_version',
    '__proto___x',
    'Core_toString',
    'BlockBuilder_apply_extrinsic',
  ])('%s is unknown', (name) => {
    expect(ask(name)).toEqual({ ok: false, error: { code: 'api_unknown' } })
  })

  test('malformed parameters are an error', () => {
    const malformed = (reason: string, at: number): unknown => ({
      ok: false,
      error: { code: 'api_params_malformed', reason, at },
    })
    expect(ask('Core_version', Uint8Array.of(0))).toEqual(malformed('trailing_bytes', 0))
    expect(ask('AccountNonceApi_account_nonce', new Uint8Array(31))).toEqual(
      malformed('truncated', 0),
    )
    expect(ask('TransactionPaymentApi_query_info', utf8('garbage'))).toMatchObject({ ok: false })
  })
})
