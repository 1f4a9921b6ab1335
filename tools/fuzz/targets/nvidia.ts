import { err, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parseNvidiaEvidence } from '../../../packages/attestation/src/nvidia/evidence-json.ts'
import { decideGpuSet } from '../../../packages/attestation/src/nvidia/gpu-set.ts'
import { NVIDIA_ROOTS } from '../../../packages/attestation/src/nvidia/roots.ts'
import { decideNvidia, type NvidiaInput } from '../../../packages/attestation/src/nvidia/verify.ts'
import {
  evidenceFolder,
  NOW,
  readListedFile,
} from '../../../packages/attestation/src/testing/kit.ts'
import { launched } from '../../../packages/attestation/src/testing/nvidia-kit.ts'
import {
  LISTED_REPORTS,
  reportInput,
} from '../../../packages/attestation/src/testing/nvidia-samples.ts'
import type { FuzzTarget } from '../target.ts'

/** Every genuine real report and machine, synthetic devices with manifests and OCSP responses. */
export function nvidiaTargets(): readonly FuzzTarget[] {
  const synthetic = (['Hopper', 'Blackwell', 'LS10'] as const).map((architecture) => {
    const { device, input } = launched({ architecture })
    const [ocsp] = device.ocspAll({ delegate: {} })
    const rim = device.rims().at(-1)
    return deviceTarget(`synthetic-${architecture.toLowerCase()}`, input, { ocsp, rim })
  })
  return [...synthetic, ...realReports(), ...realMachines()]
}

/** Where a mutated response or manifest is about something else, it is as if it were missing. */
function deviceTarget(
  name: string,
  input: NvidiaInput,
  collateral: Readonly<Record<'ocsp' | 'rim', Uint8Array | undefined>>,
): FuzzTarget {
  const { report, chain } = input
  const given = Object.entries(collateral).filter(([, part]) => part !== undefined)
  return {
    name,
    parts: { report, chain, ...Object.fromEntries(given) },
    // To write a manifest in its canonical form takes as long as ten reports.
    weight: collateral.rim === undefined ? 8 : 1,
    run: ({ report = new Uint8Array(), chain = new Uint8Array(), ocsp, rim }, verify) => {
      const decided = decideNvidia({ ...input, report, chain, ...listed({ ocsp, rim }) }, verify)
      if (!decided.ok) return decided
      const { revocation, rims } = decided.value
      if (ocsp !== undefined && revocation.until === undefined) {
        return err({ code: 'ocsp_passed_over' })
      }
      if (rim !== undefined && rims.vbios.status === 'absent') {
        return err({ code: 'rim_passed_over' })
      }
      return decided
    },
  }
}

function listed({ ocsp, rim }: Readonly<Record<'ocsp' | 'rim', Uint8Array | undefined>>) {
  return {
    ocsp: ocsp === undefined ? [] : [ocsp],
    rims: rim === undefined ? [] : [rim],
  }
}

function realReports(): readonly FuzzTarget[] {
  if (evidenceFolder === undefined) return []
  return LISTED_REPORTS.filter(({ expected }) => expected === 'verified').map((file) =>
    deviceTarget(file.path, reportInput(file), { ocsp: undefined, rim: undefined }),
  )
}

function realMachines(): readonly FuzzTarget[] {
  const folder = evidenceFolder
  if (folder === undefined) return []
  const path = 'nvidia/nvsdk__serialized_test_evidence__hopper_evidence.json'
  const json = readListedFile(folder, path)
  const { nonce } = unwrap(parseNvidiaEvidence(json))
  return [
    {
      name: path,
      parts: { json },
      run: ({ json: text = new Uint8Array() }, verify) => {
        const evidence = parseNvidiaEvidence(text)
        if (!evidence.ok) return evidence
        const { devices } = evidence.value
        const context = { roots: NVIDIA_ROOTS, now: NOW, hashes: native.hashes }
        return decideGpuSet({ ...context, devices, nonce }, verify)
      },
    },
  ]
}
