import { loadBundles, platformOf, sgx, tdx } from '../../../packages/attestation/src/testing/kit.ts'
import type { DcapInput } from '../../../packages/attestation/src/dcap/verify.ts'
import { decideDcap } from '../../../packages/attestation/src/dcap/verify.ts'
import type { FuzzTarget } from '../target.ts'

/** Every real bundle, and synthetic quotes of every version with the collateral of their TEE. */
export function dcapTargets(): readonly FuzzTarget[] {
  const real = loadBundles().map(({ name, input }) => dcapTarget(name, input))
  const synthetic = [
    dcapTarget('synthetic-tdx-v4', tdx()),
    dcapTarget('synthetic-tdx-v5', tdx(platformOf(), { quoteVersion: 5 })),
    dcapTarget('synthetic-sgx-v3', sgx()),
    dcapTarget('synthetic-tdx-outofdate', tdx(platformOf({ status: 'OutOfDate' }))),
  ]
  return [...real, ...synthetic]
}

function dcapTarget(name: string, input: DcapInput): FuzzTarget {
  return {
    name,
    parts: { quote: input.quote, ...input.collateral },
    run: ({ quote = new Uint8Array(), ...collateral }, verify) =>
      decideDcap({ ...input, quote, collateral: { ...input.collateral, ...collateral } }, verify),
  }
}
