import { bytesToHex, decode, encode } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { conclude } from '../assessment.ts'
import { DAY, flipped, honest, loadBundles, NOW, sgx, tdx, verify } from '../testing/kit.ts'
import { dcapCollateralCodec, parseCollateral } from './collateral.ts'
import { assessDcap, assessQuote } from './verify.ts'
import { decideCollateral, readQuoteScope } from './verify-collateral.ts'

describe('collateral by itself', () => {
  test('six signatures say whom it is for and until when', () => {
    const decided = decideCollateral(tdx(), verify)
    if (!decided.ok) throw new Error(decided.error.code)
    const { scope, signatureChecks, latestIssue, earliestExpiry, rootCrlNumber } = decided.value
    expect(scope).toEqual({ tee: 'tdx', fmspc: expect.any(Uint8Array), ca: 'platform' })
    expect(bytesToHex(scope.fmspc)).toBe('7ac170000000')
    expect(signatureChecks).toBe(6)
    expect([latestIssue, earliestExpiry]).toEqual([NOW - DAY, NOW + 30 * DAY])
    expect(bytesToHex(rootCrlNumber ?? new Uint8Array())).toBe((NOW - DAY).toString(16))
  })

  test('the quote names the same scope', () => {
    for (const input of [tdx(), sgx()]) {
      const decided = decideCollateral(input, verify)
      if (!decided.ok) throw new Error(decided.error.code)
      expect(readQuoteScope(input.quote)).toEqual({ ok: true, value: decided.value.scope })
    }
  })

  test.each([
    ['a revoked TCB signer', { revoked: ['tcb_signing'] }, 'tcb_signing_revoked'],
    ['a revoked intermediate', { revoked: ['pck_ca'] }, 'pck_ca_revoked'],
    ['another signer', { signers: { tcb_info: 'pck' } }, 'tcb_info_signature_invalid'],
    ['a foreign list', { crlIssuers: { pck_crl: 'root' } }, 'crl_issuer_mismatch'],
    ['an expired list', { windows: { pck_crl: { from: 0, until: 1 } } }, 'collateral_expired'],
  ] as const)('%s is refused', (_, attack, code) => {
    const input = tdx(honest.attack(attack))
    expect(decideCollateral(input, verify)).toMatchObject({ error: { code } })
  })

  test('parts for different TEEs are refused', () => {
    const { qeIdentity, qeIdentitySignature } = sgx().collateral
    const collateral = { ...tdx().collateral, qeIdentity, qeIdentitySignature }
    const decided = decideCollateral({ ...tdx(), collateral }, verify)
    expect(decided).toMatchObject({ error: { code: 'qe_identity_tee_mismatch' } })
  })

  test('its codec is canonical', () => {
    for (const { collateral } of [tdx(), ...loadBundles().map(({ input }) => input)]) {
      const bytes = encode(dcapCollateralCodec, collateral)
      expect(decode(dcapCollateralCodec, bytes)).toEqual({ ok: true, value: collateral })
    }
  })
})

describe('runners', () => {
  test('checks decided elsewhere conclude the same', () => {
    const assessed = assessDcap(tdx())
    if (!assessed.ok) throw new Error(assessed.error.code)
    const { checks } = assessed.value
    expect(checks.map(({ failure }) => failure)).toEqual([
      'pck_ca_signature_invalid',
      'tcb_signing_signature_invalid',
      'root_crl_signature_invalid',
      'pck_crl_signature_invalid',
      'tcb_info_signature_invalid',
      'qe_identity_signature_invalid',
      'pck_signature_invalid',
      'qe_report_signature_invalid',
      'quote_signature_invalid',
    ])
    const results = checks.map(verify)
    expect(conclude(assessed.value, results)).toMatchObject({ value: { status: 'UpToDate' } })
    for (const [index, { failure }] of checks.entries()) {
      const failed = conclude(assessed.value, results.with(index, false))
      expect(failed).toEqual({ ok: false, error: { code: failure } })
    }
  })

  test('missing results are failures', () => {
    const assessed = assessDcap(tdx())
    if (!assessed.ok) throw new Error(assessed.error.code)
    const failed = conclude(assessed.value, [true])
    expect(failed).toEqual({ ok: false, error: { code: 'tcb_signing_signature_invalid' } })
  })

  test('collateral that was parsed before serves any quote', () => {
    const input = tdx()
    const collateral = parseCollateral(input.collateral)
    if (!collateral.ok) throw new Error(collateral.error.code)
    expect(assessQuote({ ...input, collateral: collateral.value })).toEqual(assessDcap(input))
  })

  test('what unsigned collateral says is not reported', () => {
    const input = tdx()
    const { tcbInfo } = input.collateral
    const expired = new TextDecoder()
      .decode(tcbInfo)
      .replace('"nextUpdate":"2026', '"nextUpdate":"2025')
    const collateral = { ...input.collateral, tcbInfo: new TextEncoder().encode(expired) }
    const assessed = assessDcap({ ...input, collateral })
    if (!assessed.ok) throw new Error(assessed.error.code)
    expect(assessed.value.outcome).toMatchObject({ error: { code: 'collateral_expired' } })
    const results = assessed.value.checks.map(verify)
    const concluded = conclude(assessed.value, results)
    expect(concluded).toEqual({ ok: false, error: { code: 'tcb_info_signature_invalid' } })
  })

  test('inputs are not changed', () => {
    const input = tdx()
    const copy = structuredClone({ ...input, hashes: undefined })
    assessDcap(input)
    assessDcap({ ...input, quote: flipped(input.quote, 100) })
    expect({ ...input, hashes: undefined }).toEqual(copy)
  })
})
