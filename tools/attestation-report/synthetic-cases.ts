import type { SignatureCheck } from '@tacit/crypto'
import { decideDcap } from '../../packages/attestation/src/dcap/verify.ts'
import { decideGpuSet } from '../../packages/attestation/src/nvidia/gpu-set.ts'
import { decideNras } from '../../packages/attestation/src/nvidia/nras/nras.ts'
import { decideRim } from '../../packages/attestation/src/nvidia/rim/rim.ts'
import { decideNvidia } from '../../packages/attestation/src/nvidia/verify.ts'
import { decideSnp } from '../../packages/attestation/src/sev-snp/verify.ts'
import { DCAP_CASES } from '../../packages/attestation/src/testing/dcap-cases.ts'
import { NRAS_CASES } from '../../packages/attestation/src/testing/nras-cases.ts'
import { nrasInput, nrasService } from '../../packages/attestation/src/testing/nras-kit.ts'
import { NVIDIA_CASES } from '../../packages/attestation/src/testing/nvidia-cases.ts'
import { GPU_SET_CASES } from '../../packages/attestation/src/testing/nvidia-cases/sets.ts'
import { RIM_CASES } from '../../packages/attestation/src/testing/rim-cases.ts'
import { attackedRim } from '../../packages/attestation/src/testing/rim-kit.ts'
import { SNP_CASES } from '../../packages/attestation/src/testing/snp-cases.ts'
import type { Decided, Outcome } from './outcome.ts'

/** Evidence under a development root, honest but for one thing. */
export interface SyntheticCase {
  readonly name: string
  /** What is special about it; undefined where the name says so. */
  readonly what: string | undefined
  readonly expected: Outcome
  readonly decide: () => Decided
}

export interface SyntheticSection {
  readonly title: string
  readonly cases: readonly SyntheticCase[]
}

type Verify = (check: SignatureCheck) => boolean

/** All tables of synthetic cases; the tests beside the verifiers run the same ones. */
export function listSyntheticSections(verify: Verify): readonly SyntheticSection[] {
  return [
    {
      title: 'Intel SGX and TDX',
      cases: DCAP_CASES.map(({ expected, input, ...rest }) => ({
        ...rest,
        expected: 'status' in expected ? { verdict: expected } : expected,
        decide: () => decideDcap(input(), verify),
      })),
    },
    {
      title: 'AMD SEV-SNP',
      cases: SNP_CASES.map(({ input, ...rest }) => ({
        ...rest,
        decide: () => decideSnp(input(), verify),
      })),
    },
    {
      title: 'NVIDIA devices',
      cases: NVIDIA_CASES.map(({ input, ...rest }) => ({
        ...rest,
        decide: () => decideNvidia(input(), verify),
      })),
    },
    {
      title: 'NVIDIA devices of one machine',
      cases: GPU_SET_CASES.map(({ input, ...rest }) => ({
        ...rest,
        decide: () => decideGpuSet(input(), verify),
      })),
    },
    {
      title: "NVIDIA's manifests",
      cases: RIM_CASES.map(({ attack, ...rest }) => ({
        ...rest,
        what: undefined,
        decide: () => decideRim(attackedRim(attack), verify),
      })),
    },
    {
      title: "Tokens of NVIDIA's Remote Attestation Service",
      cases: NRAS_CASES.map(({ attack, ...rest }) => ({
        ...rest,
        what: undefined,
        decide: () => decideNras(nrasInput(nrasService.attack(attack)), verify),
      })),
    },
  ]
}
