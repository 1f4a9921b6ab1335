import { equalBytes } from '@tacit/base'
import type { MeasurementBlock } from './report.ts'
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

/** The measurement that says nothing while the video decoder NVDEC0 is disabled. */
const NVDEC0_INDEX = 35

/**
 * Compares a manifest with a device's measurements: each active index must have been measured as one
 * of its alternatives; an index that the report does not have is a mismatch.
 * @param nvdec0Disabled index 35 is passed over, as NVIDIA's verifier does.
 */
export function compareGolden(
  { id, values }: GoldenMeasurements,
  blocks: readonly MeasurementBlock[],
  nvdec0Disabled: boolean,
): Exclude<RimComparison, { status: 'absent' }> {
  const mismatches = [...values]
    .filter(([index, { active }]) => active && !(nvdec0Disabled && index === NVDEC0_INDEX))
    .filter(([index, { alternatives }]) => {
      const measured = blocks[index]?.value
      return measured === undefined || !alternatives.some((digest) => equalBytes(digest, measured))
    })
    .map(([index]) => index)
    .toSorted((a, b) => a - b)
  return mismatches.length === 0
    ? { status: 'matched', id }
    : { status: 'mismatched', id, mismatches }
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
