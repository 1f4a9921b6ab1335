import { ok, type Result } from '@tacit/base'
import { readClaims } from './claims.ts'
import { identifyDevice, parseDeviceChain } from './device-chain.ts'
import type { NvidiaFormError } from './errors.ts'
import type { MeasuredDevice } from './golden.ts'
import { parseSpdmReport } from './report.ts'
import type { DeviceEvidence } from './verify.ts'

/** Which manifests a device's own, unverified evidence needs: see isAbout(). */
export function readDeviceScope({
  report: bytes,
  chain: pem,
}: Pick<DeviceEvidence, 'report' | 'chain'>): Result<MeasuredDevice, NvidiaFormError> {
  const report = parseSpdmReport(bytes)
  if (!report.ok) return report
  const chain = parseDeviceChain(pem)
  if (!chain.ok) return chain
  const identity = identifyDevice(chain.value)
  if (!identity.ok) return identity
  const { kind, product } = identity.value
  const claims = readClaims(report.value.opaque, kind)
  if (!claims.ok) return claims
  const { driverVersion, vbiosVersion, chipInfo = product } = claims.value
  return ok({ kind, product: chipInfo, driverVersion, vbiosVersion })
}
