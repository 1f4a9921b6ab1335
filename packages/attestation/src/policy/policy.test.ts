import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import type { DcapVerdict } from '../dcap/verdict.ts'
import { TCB_STATUSES } from '../dcap/tcb-status.ts'
import {
  DAY,
  decide,
  evidenceFolder,
  honest,
  loadBundles,
  platformOf,
  sgx,
  tdx,
} from '../testing/kit.ts'
import { evaluatePolicy, type Policy } from './policy.ts'
import { developmentPolicy, PRODUCTION_POLICY } from './presets.ts'

const verdict = verdictOf(tdx())
const fingerprint = bytesToHex(honest.root.fingerprint)
const OPEN: Policy = {
  name: 'open',
  statuses: TCB_STATUSES.filter((status) => status !== 'NotSupported'),
  roots: [fingerprint],
  debug: true,
}

function verdictOf(input: Parameters<typeof decide>[0]): DcapVerdict {
  const decided = decide(input)
  if (!decided.ok) throw new Error(decided.error.code)
  return decided.value
}

function failures(policy: Partial<Policy>, of: DcapVerdict = verdict): readonly object[] {
  return evaluatePolicy(of, { ...OPEN, ...policy }).failed
}

describe('each rule', () => {
  test('statuses', () => {
    expect(failures({})).toEqual([])
    const found = { rule: 'statuses', found: 'UpToDate', accepted: ['OutOfDate'] }
    expect(failures({ statuses: ['OutOfDate'] })).toEqual([found])
  })

  test('NotSupported is never accepted, even where a policy names it', () => {
    const unsupported = verdictOf(tdx(platformOf({ status: 'NotSupported' })))
    const statuses = TCB_STATUSES as unknown as Policy['statuses']
    expect(failures({ statuses }, unsupported)).toMatchObject([{ rule: 'statuses' }])
  })

  test('roots', () => {
    expect(failures({ roots: [] })).toEqual([{ rule: 'roots', found: fingerprint, accepted: [] }])
  })

  test('debug', () => {
    const open = verdictOf(tdx(honest, { debug: true }))
    expect(failures({ debug: false }, open)).toEqual([{ rule: 'debug' }])
    expect(failures({ debug: true }, open)).toEqual([])
    expect(failures({ debug: false })).toEqual([])
  })

  test('tees', () => {
    expect(failures({ tees: ['sgx'] })).toEqual([{ rule: 'tees', found: 'tdx', accepted: ['sgx'] }])
    expect(failures({ tees: ['sgx'] }, verdictOf(sgx()))).toEqual([])
  })

  test('denied advisories count wherever they come from', () => {
    const options = { status: 'SWHardeningNeeded', advisories: ['INTEL-SA-1'] } as const
    const advised = verdictOf(tdx(platformOf(options)))
    const found = [{ rule: 'deniedAdvisories', found: ['INTEL-SA-1'] }]
    expect(failures({ deniedAdvisories: ['INTEL-SA-1', 'INTEL-SA-2'] }, advised)).toEqual(found)
    expect(failures({ deniedAdvisories: ['INTEL-SA-2'] }, advised)).toEqual([])
    const { quotingEnclave } = verdict
    const byEnclave = {
      ...verdict,
      quotingEnclave: { ...quotingEnclave, advisories: ['INTEL-SA-1'] },
    }
    expect(failures({ deniedAdvisories: ['INTEL-SA-1'] }, byEnclave)).toEqual(found)
  })

  test('minimum evaluation number', () => {
    expect(failures({ minimumTcbEvaluationDataNumber: 1 })).toEqual([])
    expect(failures({ minimumTcbEvaluationDataNumber: 2 })).toEqual([
      { rule: 'minimumTcbEvaluationDataNumber', found: 1, minimum: 2 },
    ])
  })

  test('platforms', () => {
    const ppid = bytesToHex(verdict.platform.ppid)
    expect(failures({ ppids: [ppid], fmspcs: ['7ac170000000'] })).toEqual([])
    expect(failures({ ppids: [] })).toEqual([{ rule: 'ppids', found: ppid }])
    expect(failures({ fmspcs: [] })).toEqual([
      { rule: 'fmspcs', found: '7ac170000000', accepted: [] },
    ])
  })

  test('age of collateral', () => {
    expect(failures({ maxCollateralAgeSeconds: DAY })).toEqual([])
    expect(failures({ maxCollateralAgeSeconds: DAY - 1 })).toEqual([
      { rule: 'maxCollateralAgeSeconds', foundSeconds: DAY, maximumSeconds: DAY - 1 },
    ])
  })

  test('TD attributes and service TDs', () => {
    const loose = honest.attack({
      editBody: (bytes) => {
        bytes.set([0, 1, 0, 0], 120)
        bytes[647] = 1
      },
    })
    const found = verdictOf(tdx(loose, { quoteVersion: 5 }))
    const strict = {
      requireSeptVeDisable: true,
      refuseUnknownAttributes: true,
      refuseServiceTd: true,
    }
    expect(failures(strict, found)).toEqual([
      { rule: 'requireSeptVeDisable' },
      { rule: 'refuseUnknownAttributes', found: '0001000000000000' },
      { rule: 'refuseServiceTd', found: `${'00'.repeat(47)}01` },
    ])
    expect(failures(strict)).toEqual([])
    expect(failures(strict, verdictOf(sgx()))).toEqual([])
  })

  test('every failed rule is named', () => {
    const policy = { ...OPEN, statuses: [], roots: [], tees: [], fmspcs: [], ppids: [] }
    const { accepted, failed } = evaluatePolicy(verdict, policy)
    expect(accepted).toBe(false)
    const rules = failed.map(({ rule }) => rule)
    expect(rules).toEqual(['statuses', 'roots', 'tees', 'ppids', 'fmspcs'])
  })
})

describe('presets', () => {
  test('development accepts the development root, production refuses it', () => {
    expect(evaluatePolicy(verdict, developmentPolicy(honest.root)).accepted).toBe(true)
    expect(evaluatePolicy(verdict, PRODUCTION_POLICY).failed).toMatchObject([{ rule: 'roots' }])
  })

  test('development refuses what is revoked and other development roots', () => {
    const revoked = verdictOf(tdx(platformOf({ status: 'Revoked' })))
    const policy = developmentPolicy(honest.root)
    expect(evaluatePolicy(revoked, policy).failed).toMatchObject([{ rule: 'statuses' }])
    const stranger = { ...policy, roots: PRODUCTION_POLICY.roots }
    expect(evaluatePolicy(verdict, stranger).failed).toMatchObject([{ rule: 'roots' }])
  })

  test.runIf(evidenceFolder !== undefined)('production accepts exactly these real bundles', () => {
    const accepted = loadBundles().filter(({ input }) => {
      return evaluatePolicy(verdictOf(input), PRODUCTION_POLICY).accepted
    })
    expect(accepted.map(({ name }) => name)).toEqual([
      'tdx-v4-dstack',
      'tdx-v4-near',
      'tdx-v4-phala',
      'tdx-v5-gotdx',
    ])
  })

  test('policies are JSON', () => {
    expect(JSON.parse(JSON.stringify(PRODUCTION_POLICY))).toEqual(PRODUCTION_POLICY)
  })
})
