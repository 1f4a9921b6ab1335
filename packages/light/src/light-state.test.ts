import { bytesToHex, encode, utf8, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { describe, expect, test } from 'vitest'
import { scheduleChange, storedAuthorities } from './authorities.ts'
import type { Header } from './header.ts'
import type { GrandpaJustification } from './justification.ts'
import { advance, checkpointKeys, startFromCheckpoint, type LightState } from './light-state.ts'
import {
  childOf,
  genesisOf,
  genesisWith,
  hashOf,
  justify,
  testSet,
  type TestSet,
} from './testing/kit.ts'

const four = testSet([1, 2, 3, 4], 1, 7n)
const genesis = genesisOf(four.set)

function start(of: TestSet = four): LightState {
  const checkpoint = genesisOf(of.set)
  const light = startFromCheckpoint(checkpoint.hash, checkpoint, native)
  if (!light.ok) throw new Error(light.error.code)
  return light.value
}

function step(light: LightState, header: Header, justification: GrandpaJustification): LightState {
  const next = advance(light, header, justification, native)
  if (!next.ok) throw new Error(next.error.code)
  return next.value
}

function refusal(light: LightState, header: Header, justification: GrandpaJustification): string {
  const next = advance(light, header, justification, native)
  return next.ok ? 'ok' : next.error.code
}

describe('checkpoint', () => {
  test('gives genesis, the set and its number', () => {
    expect(start()).toEqual({
      genesisHash: genesis.hash,
      head: { number: 0, hash: genesis.hash, header: genesis.header },
      set: four.set,
    })
    const portably = startFromCheckpoint(genesis.hash, genesis, portable)
    expect(portably).toEqual({ ok: true, value: start() })
  })

  test('a set without a stored number is the first', () => {
    const checkpoint = genesisWith(encode(storedAuthorities, four.set.authorities))
    expect(startFromCheckpoint(checkpoint.hash, checkpoint, native)).toMatchObject({
      ok: true,
      value: { set: { setId: 0n } },
    })
  })

  function refused(
    checkpoint: { header: Header; proof: readonly Uint8Array[] },
    hash: Hash,
  ): string {
    const light = startFromCheckpoint(hash, checkpoint, native)
    return light.ok ? 'ok' : light.error.code
  }

  test('another header than the trusted one', () => {
    const header = { ...genesis.header, number: 1 }
    expect(refused({ ...genesis, header }, genesis.hash)).toBe('checkpoint_mismatch')
    expect(refused(genesis, hashOf(header))).toBe('checkpoint_mismatch')
  })

  test('no authorities, or values of another form', () => {
    const authorities = encode(storedAuthorities, four.set.authorities)
    const setId = new Uint8Array(8)
    const malformed = [
      genesisWith(undefined, setId),
      genesisWith(new Uint8Array(), setId),
      genesisWith(authorities.subarray(1), setId),
      genesisWith(authorities.subarray(0, -1), setId),
      genesisWith(Uint8Array.of(...authorities, 0), setId),
      genesisWith(authorities, new Uint8Array(7)),
      genesisWith(authorities, new Uint8Array(9)),
      genesisWith(authorities, new Uint8Array()),
    ]
    for (const one of malformed) expect(refused(one, one.hash)).toBe('checkpoint_malformed')
  })

  test('a proof that is short, long, doubled, changed or of another state', () => {
    const { proof, header, hash } = genesis
    const [first = new Uint8Array(), ...rest] = proof
    expect(rest.length).toBeGreaterThan(1)
    for (const left of proof) {
      const without = proof.filter((part) => part !== left)
      expect(refused({ header, proof: without }, hash)).toMatch(
        /^proof_(incomplete|root_mismatch)$/,
      )
    }
    expect(refused({ header, proof: [] }, hash)).toBe('proof_root_mismatch')
    expect(refused({ header, proof: [...proof, first] }, hash)).toBe('proof_duplicate')
    expect(refused({ header, proof: [...proof, utf8('more')] }, hash)).toBe('proof_unused')
    const other = genesisOf(testSet([1], 2).set)
    expect(refused({ header, proof: other.proof }, hash)).toBe('proof_root_mismatch')
  })

  test('the keys are those of the runtime', () => {
    const setIdKey = [utf8('Consensus'), utf8('CurrentSetId')].map((name) =>
      bytesToHex(native.hashes.twox128(name)),
    )
    expect(checkpointKeys(native.hashes).map(bytesToHex)).toEqual([
      bytesToHex(utf8(':grandpa_authorities')),
      setIdKey.join(''),
    ])
  })
})

describe('advance', () => {
  const one = childOf(genesis.header)
  const two = childOf(one)

  test('follows justified headers, also over a gap', () => {
    const first = step(start(), one, justify(one, four))
    expect(first).toEqual({ ...start(), head: { number: 1, hash: hashOf(one), header: one } })
    expect(step(first, two, justify(two, four)).head.hash).toEqual(hashOf(two))
    const far = childOf(two, [], 1_000)
    expect(step(start(), far, justify(far, four)).head.number).toBe(1_003)
  })

  test('leaves the state before as it was', () => {
    const light = start()
    step(light, one, justify(one, four))
    expect(light).toEqual(start())
  })

  test('refuses what is not above the head, whatever justifies it', () => {
    const light = step(start(), two, justify(two, four))
    expect(refusal(light, one, justify(one, four))).toBe('header_not_newer')
    expect(refusal(light, two, justify(two, four))).toBe('header_not_newer')
    expect(refusal(light, genesis.header, justify(genesis.header, four))).toBe('header_not_newer')
  })

  test('names a conflict, but only one that the set signed', () => {
    const light = step(start(), one, justify(one, four))
    const fork = childOf(genesis.header, [{ type: 'Other', value: Uint8Array.of(1) }])
    expect(refusal(light, fork, justify(fork, four))).toBe('header_conflicting')
    expect(refusal(light, fork, justify(one, four))).toBe('justification_wrong_target')
    expect(refusal(light, fork, justify(fork, four, [0]))).toBe('justification_below_threshold')
  })

  test('refuses a justification of another header or of too few', () => {
    expect(refusal(start(), one, justify(two, four))).toBe('justification_wrong_target')
    expect(refusal(start(), one, justify(one, four, [3, 1]))).toBe('justification_below_threshold')
  })
})

describe('hand-over', () => {
  const next = testSet([1, 1, 1, 1], 2, 8n)
  const change = scheduleChange(next.set.authorities)
  const handing = childOf(genesis.header, [change])
  const after = childOf(handing)

  test('the old set justifies the header that hands over, the new one those after', () => {
    const light = step(start(), handing, justify(handing, four))
    expect(light.set).toEqual(next.set)
    expect(step(light, after, justify(after, next)).head.number).toBe(2)
  })

  test('the old set has nothing more to say, the new one nothing before', () => {
    const light = step(start(), handing, justify(handing, four))
    expect(refusal(light, after, justify(after, four))).toBe('vote_unknown_authority')
    expect(refusal(start(), handing, justify(handing, next))).toBe('vote_unknown_authority')
  })

  test('the same keys in a new set do not justify under the old number', () => {
    const again = childOf(genesis.header, [scheduleChange(four.set.authorities)])
    const later = childOf(again)
    const light = step(start(), again, justify(again, four))
    expect(light.set).toEqual({ ...four.set, setId: 8n })
    expect(refusal(light, later, justify(later, four))).toBe('vote_signature_invalid')
    const renewed = { ...four, set: light.set }
    expect(refusal(light, later, justify(later, renewed))).toBe('ok')
  })

  test('a header that hands over cannot be left out', () => {
    expect(refusal(start(), after, justify(after, next))).toBe('vote_unknown_authority')
  })

  test('a change with a delay is none', () => {
    const log = Uint8Array.from(change.value?.[1] as Uint8Array)
    log[log.length - 4] = 1
    const delayed = childOf(genesis.header, [{ type: 'Consensus', value: [utf8('FRNK'), log] }])
    expect(step(start(), delayed, justify(delayed, four)).set).toEqual(four.set)
  })

  test('an empty set is the end: nothing is final any more', () => {
    const last = childOf(genesis.header, [scheduleChange([])])
    const light = step(start(), last, justify(last, four))
    const more = childOf(last)
    expect(refusal(light, more, justify(more, four))).toBe('authorities_empty')
  })
})
