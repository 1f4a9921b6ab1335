import { decideGpuSet } from '../../../packages/attestation/src/nvidia/gpu-set.ts'
import { launched, setInput } from '../../../packages/attestation/src/testing/nvidia-kit.ts'
import type { FuzzTarget, Parts } from '../target.ts'

/** Two GPUs that were asked together: more of them take longer and are no other code. */
export function gpuSetTargets(): readonly FuzzTarget[] {
  const input = setInput([0, 1].map((slot) => launched({ slot }).device))
  const parts = input.devices.map(({ report, chain }, at): Parts => {
    return { [`report${at}`]: report, [`chain${at}`]: chain }
  })
  return [
    {
      name: 'synthetic-gpu-set',
      parts: Object.assign({}, ...parts),
      run: (given, verify) => {
        const devices = input.devices.map(({ report, chain }, at) => ({
          report: given[`report${at}`] ?? report,
          chain: given[`chain${at}`] ?? chain,
        }))
        return decideGpuSet({ ...input, devices }, verify)
      },
    },
  ]
}
