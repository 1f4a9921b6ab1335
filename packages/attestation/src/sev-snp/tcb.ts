import type { SnpFamily } from './family.ts'

/** Security patch levels by component, 0 to 255 each; a platform is only as new as each of them. */
export interface SnpTcb {
  /** Turin and later: the chiplet's first firmware. */
  readonly fmc: number | undefined
  readonly bootloader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
}

/** What a TCB is made of, in the order in which differences are reported. */
export const TCB_COMPONENTS = ['fmc', 'bootloader', 'tee', 'snp', 'microcode'] as const

export type TcbComponent = (typeof TCB_COMPONENTS)[number]

/**
 * Where each component lies in the 8 bytes of a TCB_VERSION.
 * Source: SEV-SNP Firmware ABI (AMD 56860), "TCB_VERSION".
 */
const LAYOUTS: Readonly<Record<SnpFamily, Readonly<Partial<Record<TcbComponent, number>>>>> = {
  Milan: { bootloader: 0, tee: 1, snp: 6, microcode: 7 },
  Genoa: { bootloader: 0, tee: 1, snp: 6, microcode: 7 },
  Turin: { fmc: 0, bootloader: 1, tee: 2, snp: 3, microcode: 7 },
}

/** Splits 8 bytes into the components of a family. */
export function splitTcb(family: SnpFamily, bytes: Uint8Array): SnpTcb {
  const { fmc, bootloader = 0, tee = 0, snp = 0, microcode = 0 } = LAYOUTS[family]
  return {
    fmc: fmc === undefined ? undefined : bytes[fmc],
    bootloader: bytes[bootloader] ?? 0,
    tee: bytes[tee] ?? 0,
    snp: bytes[snp] ?? 0,
    microcode: bytes[microcode] ?? 0,
  }
}

/** The offset of the first byte that a family reserves and that is not zero. */
export function findReservedTcbByte(family: SnpFamily, bytes: Uint8Array): number | undefined {
  const used = Object.values(LAYOUTS[family])
  const at = bytes.findIndex((byte, index) => byte !== 0 && !used.includes(index))
  return at < 0 ? undefined : at
}

/** The first component that is not the same in both. */
export function findTcbDifference(a: SnpTcb, b: SnpTcb): TcbComponent | undefined {
  return TCB_COMPONENTS.find((component) => a[component] !== b[component])
}

/** The first component by which one TCB is below another: never compare them as one number. */
export function findTcbBelow(tcb: SnpTcb, floor: Partial<SnpTcb>): TcbComponent | undefined {
  return TCB_COMPONENTS.find((component) => (tcb[component] ?? 0) < (floor[component] ?? 0))
}
