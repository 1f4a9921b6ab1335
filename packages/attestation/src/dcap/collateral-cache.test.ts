import type { SignatureCheck } from '@tacit/crypto'
import { describe, expect, test } from 'vitest'
import { DAY, decide, flipped, honest, NOW, platformOf, sgx, tdx, verify } from '../testing/kit.ts'
import { createCollateralCache } from './collateral-cache.ts'
import type { DcapCollateral } from './collateral.ts'

/** A verifier that counts what it was asked, and refuses checks of chosen codes. */
function counting(): {
  verify: (check: SignatureCheck) => boolean
  count: () => number
} {
  let asked = 0
  return {
    verify: (check) => {
      asked++
      return verify(check)
    },
    count: () => {
      const since = asked
      asked = 0
      return since
    },
  }
}

function withPart(field: keyof DcapCollateral, bytes: Uint8Array) {
  const input = tdx()
  return { ...input, collateral: { ...input.collateral, [field]: bytes } }
}

describe('the collateral cache', () => {
  test('nine signatures the first time, three from then on, and the same verdict', () => {
    const cache = createCollateralCache(2)
    const { verify, count } = counting()
    const first = cache.decide(tdx(), verify)
    expect(first).toEqual(decide(tdx()))
    expect(count()).toBe(9)
    expect(cache.decide(tdx(honest, { quoteVersion: 5 }), verify)).toMatchObject({
      value: { quoteVersion: 5, signatureChecks: 9 },
    })
    expect(count()).toBe(3)
    expect(cache.decide(tdx(), verify)).toEqual(first)
    expect(count()).toBe(3)
  })

  test('the same with an asynchronous verifier', async () => {
    const cache = createCollateralCache(2)
    const { verify, count } = counting()
    const asynchronous = (check: SignatureCheck) => Promise.resolve(verify(check))
    expect(await cache.decideAsync(tdx(), asynchronous)).toEqual(decide(tdx()))
    expect(count()).toBe(9)
    expect(await cache.decideAsync(tdx(), asynchronous)).toEqual(decide(tdx()))
    expect(count()).toBe(3)
    const broken = { ...tdx(), quote: new Uint8Array(3) }
    expect(await cache.decideAsync(broken, asynchronous)).toMatchObject({
      error: { code: 'quote_truncated' },
    })
  })

  test('a renewed intermediate in the quote is one check more', () => {
    const cache = createCollateralCache(1)
    const { verify, count } = counting()
    cache.decide(tdx(), verify)
    count()
    const renewed = honest.attack({ certificates: { pck_ca: { notBefore: NOW - DAY } } })
    const input = { ...tdx(renewed), collateral: honest.collateral() }
    expect(cache.decide(input, verify)).toMatchObject({ value: { signatureChecks: 10 } })
    expect(count()).toBe(4)
  })

  test.each(['tcbInfoSignature', 'qeIdentitySignature'] as const)(
    'a failing %s is never remembered',
    (field) => {
      const cache = createCollateralCache(4)
      const code = field === 'tcbInfoSignature' ? 'tcb_info' : 'qe_identity'
      const input = withPart(field, flipped(tdx().collateral[field], 40))
      for (let round = 0; round < 3; round++) {
        const decided = cache.decide(input, verify)
        expect(decided).toEqual({ ok: false, error: { code: `${code}_signature_invalid` } })
      }
      expect(cache.decide(tdx(), verify)).toMatchObject({ ok: true })
      expect(cache.decide(input, verify)).toMatchObject({ ok: false })
    },
  )

  test('each part belongs to the name under which collateral is kept', () => {
    const cache = createCollateralCache(4)
    cache.decide(tdx(), verify)
    const { collateral } = tdx()
    for (const field of Object.keys(collateral) as (keyof DcapCollateral)[]) {
      const bytes = collateral[field]
      const input = withPart(field, flipped(bytes, bytes.length >> 1))
      expect(cache.decide(input, verify), field).toEqual(decide(input))
      expect(cache.decide(input, verify).ok, field).toBe(false)
    }
  })

  test('bytes that move from one part to the next make another name', () => {
    const cache = createCollateralCache(4)
    cache.decide(tdx(), verify)
    const { tcbInfo, tcbInfoSignature } = tdx().collateral
    const collateral = {
      ...tdx().collateral,
      tcbInfo: tcbInfo.subarray(0, -1),
      tcbInfoSignature: Uint8Array.of(...tcbInfo.subarray(-1), ...tcbInfoSignature),
    }
    expect(cache.decide({ ...tdx(), collateral }, verify)).toMatchObject({ ok: false })
  })

  test('a quote that fails does not put its collateral in', () => {
    const cache = createCollateralCache(1)
    const { verify, count } = counting()
    cache.decide(tdx(), verify)
    const good = tdx(platformOf({ status: 'OutOfDate' }))
    cache.decide({ ...good, quote: flipped(good.quote, 200) }, verify)
    count()
    cache.decide(tdx(), verify)
    expect(count()).toBe(3)
    cache.decide(good, verify)
    expect(count()).toBe(9)
  })

  test('the least recently used goes first', () => {
    const cache = createCollateralCache(2)
    const { verify, count } = counting()
    const inputs = (['UpToDate', 'OutOfDate', 'Revoked'] as const).map((status) =>
      tdx(platformOf({ status })),
    )
    const [a, b, c] = inputs
    if (a === undefined || b === undefined || c === undefined) throw new Error('three')
    for (const input of [a, b, a, c]) cache.decide(input, verify)
    count()
    const asked = [a, c, b, a].map((input) => {
      cache.decide(input, verify)
      return count()
    })
    expect(asked).toEqual([3, 3, 9, 9])
  })

  test('roots, time, revocation and the evaluation number are judged anew', () => {
    const cache = createCollateralCache(4)
    cache.decide(tdx(), verify)
    const input = tdx()
    expect(cache.decide({ ...input, roots: [] }, verify)).toMatchObject({
      error: { code: 'root_untrusted' },
    })
    expect(cache.decide({ ...input, now: NOW + 31 * DAY }, verify)).toMatchObject({
      error: { code: 'collateral_expired' },
    })
    const strict = { ...input, minimumTcbEvaluationDataNumber: 2 }
    expect(cache.decide(strict, verify)).toMatchObject({
      error: { code: 'tcb_evaluation_too_old' },
    })
    const revoked = honest.attack({ revoked: ['pck'] })
    const listed = { ...input, collateral: revoked.collateral() }
    for (let round = 0; round < 2; round++) {
      expect(cache.decide(listed, verify)).toMatchObject({ error: { code: 'pck_revoked' } })
    }
    expect(cache.decide(sgx(), verify)).toMatchObject({ ok: true, value: { tee: 'sgx' } })
  })

  test('what the caller does to its bytes later leaves the entry alone', () => {
    const cache = createCollateralCache(1)
    const { verify, count } = counting()
    const input = tdx()
    cache.decide(input, verify)
    for (const part of Object.values(input.collateral)) part.fill(0)
    count()
    expect(cache.decide(tdx(), verify)).toMatchObject({ ok: true })
    expect(count()).toBe(3)
  })

  test('collateral too long to be parsed is not even hashed', () => {
    const cache = createCollateralCache(1)
    const input = withPart('rootCaCrl', new Uint8Array(2 << 20))
    let hashed = 0
    const hashes = {
      sha256: (bytes: Uint8Array) => {
        hashed += bytes.length
        return input.hashes.sha256(bytes)
      },
    }
    expect(cache.decide({ ...input, hashes }, verify)).toMatchObject({
      error: { code: 'crl_malformed', reason: 'too_long' },
    })
    expect(hashed).toBe(0)
  })
})
