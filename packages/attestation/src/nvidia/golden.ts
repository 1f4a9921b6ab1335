import { equalBytes } from '@tacit/base'
import { u16At } from '../dcap/bytes-at.ts'
import type { OpaqueField } from './opaque-data.ts'
import type { SpdmReport } from './report.ts'
import type { RimContent } from './rim/swid.ts'
import type { RimComparison } from './verdict.ts'

/** What NVIDIA expects a device to measure: the signed content of one reference integrity manifest. */
export interface GoldenMeasurements {
  /** In the manifest, 96 hex digits; NVIDIA's service has another name for it, which nobody signed. */
  readonly id: string
  /** A driver, or the VBIOS of a GPU or switch. */
  readonly kind: 'driver' | 'vbios'
  /** The chip, such as `GH100`, as the manifest names its product. */
  readonly product: string
  /** Of the driver or VBIOS, as the manifest spells it. */
  readonly version: string
  /** By index from 0: block n of a report has index n - 1. */
  readonly values: ReadonlyMap<number, GoldenValue>
}

/** One index of a manifest. */
export interface GoldenValue {
  /** Digests of 48 bytes, at least one. */
  readonly alternatives: readonly Uint8Array[]
  /** Inactive values say nothing about a device. */
  readonly active: boolean
}

/** What decides whether a manifest is about a device. */
export interface MeasuredDevice {
  readonly kind: 'gpu' | 'switch'
  /** The chip as manifests name it, such as `GH100`: by its report, or else by its certificate. */
  readonly product: string
  readonly driverVersion: string | undefined
  readonly vbiosVersion: string | undefined
}

/** The measurement that says nothing while the video decoder NVDEC0 is disabled. */
const NVDEC0_INDEX = 35
/** Opaque data's type of values that are security versions. */
const SECURITY_VERSION = 0x87

/** Whether a manifest is for this chip and for the version of driver or VBIOS that it reports. */
export function isAbout(manifest: RimContent, device: MeasuredDevice): boolean {
  const reported = manifest.kind === 'driver' ? device.driverVersion : device.vbiosVersion
  return (
    manifest.device === device.kind &&
    manifest.product === device.product &&
    reported?.toUpperCase() === manifest.version.toUpperCase()
  )
}

/**
 * Compares a manifest with a report: each active index must have been measured as one of its
 * alternatives, each security version must reach its floor. What the report does not have is a
 * mismatch.
 * @param skipNvdec0 index 35 is passed over, as NVIDIA's verifier does for a disabled NVDEC0.
 */
export function compareManifest(
  { id, values, minimumSvns }: RimContent,
  { blocks, opaque }: Pick<SpdmReport, 'blocks' | 'opaque'>,
  skipNvdec0: boolean,
): Exclude<RimComparison, { status: 'absent' }> {
  const mismatches = [...values]
    .filter(([index, { active }]) => active && !(skipNvdec0 && index === NVDEC0_INDEX))
    .filter(([index, { alternatives }]) => {
      const measured = blocks[index]?.value
      return measured === undefined || !alternatives.some((digest) => equalBytes(digest, measured))
    })
    .map(([index]) => index)
    .toSorted((a, b) => a - b)
  const belowFloor = minimumSvns
    .filter(({ fieldType, minimum }) => !reaches(opaque.get(fieldType), minimum))
    .map(({ name }) => name)
  return mismatches.length === 0 && belowFloor.length === 0
    ? { status: 'matched', id }
    : { status: 'mismatched', id, mismatches, belowFloor }
}

function reaches(field: OpaqueField | undefined, minimum: bigint): boolean {
  if (field?.valueType !== SECURITY_VERSION || field.value.length !== 2) return false
  return BigInt(u16At(field.value, 0)) >= minimum
}

/** The first index that driver and VBIOS both claim, which would make their verdicts contradict. */
export function findOverlap(
  driver: GoldenMeasurements,
  vbios: GoldenMeasurements,
): number | undefined {
  const isActive = (golden: GoldenMeasurements, index: number): boolean =>
    golden.values.get(index)?.active === true
  return [...driver.values.keys()].find(
    (index) => isActive(driver, index) && isActive(vbios, index),
  )
}
