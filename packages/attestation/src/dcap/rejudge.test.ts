import { unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import {
  decide,
  evidenceFolder,
  honest,
  loadBundles,
  platformOf,
  sgx,
  tdx,
} from '../testing/kit.ts'
import { parseCollateral, type DcapCollateral } from './collateral.ts'
import { dcapFacts, rejudgeDcap } from './rejudge.ts'
import type { DcapInput } from './verify.ts'

/** Verified by one set of collateral, judged again by another. */
function rejudge(input: DcapInput, collateral: DcapCollateral = input.collateral) {
  return rejudgeDcap(dcapFacts(unwrap(decide(input))), unwrap(parseCollateral(collateral)))
}

describe('judging a platform again', () => {
  const statuses = [
    'UpToDate',
    'SWHardeningNeeded',
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
    'OutOfDate',
    'OutOfDateConfigurationNeeded',
    'Revoked',
    'NotSupported',
  ] as const
  test.each(statuses)('as %s, as a whole verification with the newer collateral does', (status) => {
    const newer = platformOf({ status, advisories: ['INTEL-SA-1'], tcbEvaluationDataNumber: 2 })
    for (const input of [tdx(), tdx(honest, { quoteVersion: 5 }), sgx()]) {
      const tee = unwrap(decide(input)).tee
      const collateral = newer.collateral({ tee })
      const whole = unwrap(decide({ ...input, collateral }))
      const { advisories } = whole.quotingEnclave
      expect(unwrap(rejudge(input, collateral))).toEqual({
        status: whole.status,
        advisories: [...new Set([...whole.advisories, ...advisories])],
      })
    }
  })

  test('finds that its certificate was revoked since', () => {
    const revoking = honest.attack({ revoked: ['pck'] })
    expect(rejudge(tdx(), revoking.collateral())).toEqual({
      ok: false,
      error: { code: 'pck_revoked' },
    })
  })

  test('knows no module that newer collateral has forgotten', () => {
    const forgetful = honest.attack({
      editTcbInfo: (document) => {
        for (const identity of document['tdxModuleIdentities'] as { id: string }[]) {
          identity.id = 'TDX_09'
        }
      },
    })
    expect(rejudge(tdx(), forgetful.collateral())).toMatchObject({
      error: { code: 'tdx_module_unknown' },
    })
  })

  test.runIf(evidenceFolder !== undefined)('changes nothing under the same real collateral', () => {
    for (const { input, name } of loadBundles()) {
      const verdict = decide(input)
      if (!verdict.ok) throw new Error(`${name}: ${verdict.error.code}`)
      const { status, advisories, quotingEnclave } = verdict.value
      const all = [...new Set([...advisories, ...quotingEnclave.advisories])]
      expect(unwrap(rejudge(input))).toEqual({ status, advisories: all })
    }
  })
})
