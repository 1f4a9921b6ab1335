import { AMD_ARK_GENOA, INTEL_SGX_ROOT_CA, NVIDIA_DEVICE_IDENTITY_CA } from '@tacit/attestation'
import type { Hash } from '@tacit/base'
import type { Instance } from '@tacit/runtime'
import { describe, expect, it } from 'vitest'
import { checkServing } from './check-serving.ts'
import { TacitError } from './errors.ts'

type Verdict = Instance['verdict']

const NOW = 1_790_000_000
const NOW_MS = BigInt(NOW) * 1_000n
const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)

const INTEL: Verdict = {
  tee: { type: 'Tdx' },
  status: { type: 'UpToDate' },
  advisories: [],
  rootName: INTEL_SGX_ROOT_CA.name,
  rootFingerprint: INTEL_SGX_ROOT_CA.fingerprint,
  measurement: filled(1) as Hash,
  debug: false,
  tcbEvaluationDataNumber: 1,
  earliestExpiry: 2n ** 40n,
  signatureChecks: 9,
  platform: filled(2) as Hash,
  facts: {
    type: 'Dcap',
    value: {
      collateral: { tee: { type: 'Tdx' }, fmspc: filled(0, 6), ca: { type: 'Platform' } },
      facts: {
        pckSerial: filled(1),
        platform: { componentSvns: [], pceSvn: 0 },
        qeIsvSvn: 0,
        tdx: undefined,
      },
    },
  },
  gpus: [],
  gpuRoots: [],
}

function amd(family: 'Milan' | 'Genoa', advisories: readonly string[] = []): Verdict {
  const reportedTcb = { fmc: undefined, bootloader: 10, tee: 1, snp: 27, microcode: 80 }
  const collateral = { family: { type: family }, signingKey: { type: 'Vcek' } } as const
  return {
    ...INTEL,
    tee: { type: 'SevSnp' },
    status: { type: 'ByPolicy' },
    advisories,
    rootFingerprint: AMD_ARK_GENOA.fingerprint,
    facts: { type: 'SevSnp', value: { collateral, reportedTcb } },
  }
}

function withGpu(changes: Partial<Verdict['gpus'][number]>, root?: Uint8Array): Verdict {
  const gpu = {
    platform: filled(3) as Hash,
    kind: { type: 'Gpu' },
    model: 'GH100 A01 GSP BROM',
    driverVersion: '550',
    vbiosVersion: '96',
    driverRim: filled(4, 48),
    vbiosRim: filled(5, 48),
    isRevocationKnown: true,
    ...changes,
  } as const
  const gpuRoots = [root ?? NVIDIA_DEVICE_IDENTITY_CA.fingerprint, filled(6)]
  return { ...INTEL, gpus: [gpu], gpuRoots }
}

function judge(verdict: Verdict, changes: Partial<Instance> = {}): string {
  const record: Instance = {
    slot: { operator: filled(0) as never, index: 0 },
    role: { type: 'Contracts' },
    encryptionKey: filled(0),
    evidenceHash: filled(0) as Hash,
    verdict,
    endpoint: '',
    registeredAt: 1,
    registeredMs: NOW_MS,
    expiresMs: NOW_MS + 1n,
    recentNumber: 0,
    judgedBy: filled(0) as Hash,
    policyVersion: 0,
    grace: undefined,
    deposit: 0n,
    ...changes,
  }
  try {
    const clocks = { chainTimeMs: NOW_MS, now: NOW, maxHeadAgeS: 60 }
    checkServing({ record, chainClass: 'production', ...clocks })
    return 'ok'
  } catch (error) {
    return error instanceof TacitError ? `${error.code}: ${error.shortMessage}` : 'a bug'
  }
}

describe('on a production chain an instance', () => {
  it.each<[string, Verdict]>([
    ['on an up-to-date platform of Intel', INTEL],
    ['on a patched processor of AMD', amd('Genoa')],
    ['with measured GPUs', withGpu({})],
    [
      'with a switch, whose driver is not its own',
      withGpu({ kind: { type: 'Switch' }, driverRim: undefined }),
    ],
  ])('%s serves', (_, verdict) => {
    expect(judge(verdict)).toBe('ok')
  })

  it.each<[string, Verdict, RegExp]>([
    ['in debug mode', { ...INTEL, debug: true }, /debug mode/],
    ['under another root', { ...INTEL, rootFingerprint: filled(9) }, /vouches/],
    ['that is out of date', { ...INTEL, status: { type: 'OutOfDate' } }, /OutOfDate/],
    ['of a family that leaks its seed', amd('Milan'), /Milan/],
    ['with an advisory that is open', amd('Genoa', ['AMD-SB-3019']), /AMD-SB-3019 open/],
    ['with a driver that no manifest knows', withGpu({ driverRim: undefined }), /no manifest/],
    ['with a VBIOS that no manifest knows', withGpu({ vbiosRim: undefined }), /no manifest/],
    ['with GPUs that may be revoked', withGpu({ isRevocationKnown: false }), /revoked/],
    ['with GPUs under another root', withGpu({}, filled(9)), /development root/],
  ])('%s is refused', (_, verdict, words) => {
    expect(judge(verdict)).toMatch(/^instance_refused/)
    expect(judge(verdict)).toMatch(words)
  })

  it('in grace serves nobody who comes now', () => {
    const grace = { reason: { type: 'TcbRefused' }, untilMs: NOW_MS + 9n } as const
    expect(judge(INTEL, { grace })).toMatch(/^instance_not_serving: .*TcbRefused/)
  })
})
