import { equalBytes, err, ok, type Result } from '@tacit/base'
import {
  decideNvidia,
  parseSpdmReport,
  type NvidiaCollateral,
  type NvidiaError,
  type NvidiaFormError,
  type NvidiaVerdict,
} from '@tacit/attestation'
import type { HttpError } from '../http/http-error.ts'
import type { Obtained, StaleError } from '../obtain.ts'
import type { NvidiaDevice, NvidiaOptions } from './nvidia-options.ts'
import { publishedOcsp, publishedRimOcsp, type OcspServiceError } from './ocsp-service.ts'
import { rimNames } from './rim-names.ts'
import { publishedRim, type Rim, type RimServiceError } from './rim-service.ts'

/** Collateral under which a device's report verified, with what it says. */
export interface NvidiaFetched {
  readonly collateral: NvidiaCollateral
  readonly verdict: NvidiaVerdict
}

type CommonError = HttpError | StaleError

export interface NvidiaSource {
  /**
   * The manifests of a device's driver and VBIOS, and OCSP responses about its certificates and
   * theirs. Its report must verify first, under whatever nonce it has: that names driver and VBIOS. Whether
   * the measurements match, and what a hold means, is for a policy.
   */
  forDevice(
    device: NvidiaDevice,
  ): Promise<
    Result<NvidiaFetched, OcspServiceError | RimServiceError | NvidiaFormError | CommonError>
  >
  /** One manifest by the name that NVIDIA's service has for it. */
  rim(name: string): Promise<Result<Obtained<Rim>, RimServiceError | CommonError>>
}

export const NVIDIA_RIM = 'https://rim.attestation.nvidia.com'
export const NVIDIA_OCSP = 'https://ocsp.ndis.nvidia.com'

/**
 * Gets what NVIDIA publishes about its GPUs and switches from its manifest service and its OCSP
 * responder. Source: NVIDIA/attestation-sdk, nv_http.cpp, rim.cpp, ocsp.cpp.
 */
export function createNvidiaSource(options: NvidiaOptions): NvidiaSource {
  return {
    rim: (name) => options.obtain(publishedRim(options, name)),
    async forDevice(device) {
      const report = parseSpdmReport(device.report)
      if (!report.ok) return report
      const evidence = { ...device, nonce: report.value.nonce }
      const genuine = decide(options, evidence, { rims: [], ocsp: [] })
      if (!genuine.ok) return genuine
      const ocsp = await options.obtain(publishedOcsp(options, evidence))
      if (!ocsp.ok) return ocsp
      const responses = [...ocsp.value.value.responses]
      const rims: Uint8Array[] = []
      for (const name of rimNames(genuine.value.verdict)) {
        const rim = await options.obtain(publishedRim(options, name))
        if (!rim.ok) return rim
        const { bytes } = rim.value.value
        rims.push(bytes)
        const signers = await options.obtain(publishedRimOcsp(options, evidence, bytes))
        if (!signers.ok) return signers
        responses.push(...signers.value.value.responses)
      }
      return decide(options, evidence, { rims, ocsp: listDifferent(responses) })
    },
  }
}

/** Manifests share their CAs. */
function listDifferent(responses: readonly Uint8Array[]): readonly Uint8Array[] {
  return responses.filter(
    (response, at) => responses.findIndex((one) => equalBytes(one, response)) === at,
  )
}

function decide(
  { roots, verify, hashes, now }: NvidiaOptions,
  evidence: NvidiaDevice & { readonly nonce: Uint8Array },
  collateral: NvidiaCollateral,
): Result<NvidiaFetched, { readonly code: 'collateral_refused'; readonly error: NvidiaError }> {
  const context = { roots, hashes, now: now(), allowCertificateHold: true }
  const verdict = decideNvidia({ ...evidence, ...context, ...collateral }, verify)
  if (!verdict.ok) return err({ code: 'collateral_refused', error: verdict.error })
  return ok({ collateral, verdict: verdict.value })
}
