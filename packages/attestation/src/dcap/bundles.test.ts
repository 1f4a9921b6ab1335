import { bytesToHex } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { describe, expect, test } from 'vitest'
import { formatTime } from '../explain-text.ts'
import { decide, evidenceFolder, loadBundles, outcome, readListedFile } from '../testing/kit.ts'
import { INTEL_SGX_ROOT_CA } from './roots.ts'
import { parseTcbInfo } from './tcb-info.ts'
import type { DcapVerdict } from './verdict.ts'
import { decideDcap } from './verify.ts'

const bundles = loadBundles()

describe.runIf(evidenceFolder !== undefined)('real evidence', () => {
  const folder = evidenceFolder ?? ''

  test.each(bundles)('$name gives its recorded result', ({ bundle, input }) => {
    const decided = decide(input)
    if (!decided.ok) throw new Error(JSON.stringify(decided.error))
    const verdict = decided.value
    const expected = bundle.expected
    expect(verdict.status).toBe(expected?.tcbStatus)
    expect(verdict.advisories.toSorted()).toEqual(expected?.advisories?.toSorted())
    expect(platformTcb(verdict)).toBe(expected?.platformTcb)
    expect(quotingEnclave(verdict)).toBe(expected?.qeIsvSvnStatus)
    expect(bytesToHex(verdict.platform.fmspc)).toBe(expected?.fmspc)
    expect(verdict.tcbEvaluationDataNumber).toBe(expected?.tcbEvaluationDataNumber)
    if (expected?.debug !== undefined) expect(verdict.debug).toBe(expected.debug)
    if (expected?.tdxModule !== undefined) expect(moduleOf(verdict)).toBe(expected.tdxModule)
    expect(verdict.signatureChecks).toBe(9)
    expect(verdict.root.fingerprint).toEqual(INTEL_SGX_ROOT_CA.fingerprint)
  })

  test('the verdict is the same with the portable provider', () => {
    const [first] = bundles
    if (first === undefined) throw new Error('no bundle')
    const input = { ...first.input, hashes: portable.hashes }
    expect(decideDcap(input, (check) => portable.verify(check))).toEqual(decide(first.input))
  })

  test.each(bundles)('$name says until when it holds, and then no longer', ({ input }) => {
    const decided = decide(input)
    if (!decided.ok) throw new Error(decided.error.code)
    const { latestIssue, earliestExpiry } = decided.value
    expect(outcome({ ...input, now: latestIssue })).toBe(decided.value.status)
    expect(outcome({ ...input, now: earliestExpiry })).toBe(decided.value.status)
    const late = decide({ ...input, now: earliestExpiry + 1 })
    const verifiable = { from: latestIssue, until: earliestExpiry }
    expect(late).toMatchObject({ error: { code: 'collateral_expired', verifiable } })
    const early = decide({ ...input, now: latestIssue - 1 })
    expect(early).toMatchObject({ error: { code: expect.stringMatching(/_not_yet_valid$/) } })
  })

  test('the pinned root is the listed file', () => {
    const root = readListedFile(folder, 'dcap/collateral/automata__solana__root.der')
    expect(INTEL_SGX_ROOT_CA.certificate).toEqual(root)
    expect(INTEL_SGX_ROOT_CA.fingerprint).toEqual(native.hashes.sha256(root))
  })

  test("the PCK CA does not pass for Intel's TCB signing certificate", () => {
    const path = 'dcap/collateral/oasis__tcb_info_v3_fmspc_00606A000000_certs_bad.pem'
    const tcbInfoIssuerChain = readListedFile(folder, path)
    for (const { input } of bundles) {
      const collateral = { ...input.collateral, tcbInfoIssuerChain }
      expect(outcome({ ...input, collateral })).toBe('tcb_info_signature_invalid')
    }
  })

  test('TCB info of version 2 is read', () => {
    const text = new TextDecoder().decode(
      readListedFile(folder, 'dcap/collateral/automata__0625__tcbinfo.json'),
    )
    const body = text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"signature"'))
    const info = parseTcbInfo(new TextEncoder().encode(body))
    if (!info.ok) throw new Error(info.error.code)
    expect(info.value).toMatchObject({ version: 2, tee: 'sgx', tcbEvaluationDataNumber: 17 })
    expect(bytesToHex(info.value.fmspc)).toBe('00606a000000')
    expect([...(info.value.levels[0]?.sgxSvns ?? [])]).toEqual([
      14, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ])
  })
})

function platformTcb({ platformLevel }: DcapVerdict): string | undefined {
  if (platformLevel?.tcbDate === undefined) return undefined
  return `${platformLevel.status}@${formatTime(platformLevel.tcbDate).slice(0, 10)}`
}

function quotingEnclave({ quotingEnclave: { isvSvn, status } }: DcapVerdict): string {
  return `${isvSvn}:${status}`
}

function moduleOf({ module }: DcapVerdict): string | undefined {
  return module === undefined ? undefined : `${module.id}:${module.isvSvn}:${module.status}`
}
