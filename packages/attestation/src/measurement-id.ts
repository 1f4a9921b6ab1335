import { inDomain } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { SgxVerdict, TdxVerdict } from './dcap/verdict.ts'
import type { SnpVerdict } from './sev-snp/verdict.ts'

type Measured =
  | Pick<TdxVerdict, 'tee' | 'mrTd' | 'rtmr0' | 'rtmr1' | 'rtmr2' | 'rtmr3'>
  | Pick<SgxVerdict, 'tee' | 'mrEnclave' | 'mrSigner' | 'isvProdId' | 'isvSvn'>
  | Pick<SnpVerdict, 'tee' | 'measurement' | 'hostData' | 'vmpl'>

/**
 * Names a measured program by 32 bytes: BLAKE2b-256 over the domain `measurement`, one byte for the
 * TEE and what the TEE measured, all parts of fixed length.
 * 0, SGX: MRENCLAVE, MRSIGNER, product id and SVN (u16, little-endian).
 * 1, TDX: MRTD, RTMR0 to RTMR3.
 * 2, SEV-SNP: launch measurement, HOST_DATA (by which hosts hand a guest its configuration) and
 * VMPL (u8; with an SVSM, each level is a program of its own in the same guest).
 */
export function measurementId(measured: Measured, hashes: Pick<Hashes, 'blake2b256'>): Uint8Array {
  return hashes.blake2b256(inDomain('measurement', ...partsOf(measured)))
}

function partsOf(measured: Measured): readonly Uint8Array[] {
  if (measured.tee === 'sev-snp') {
    const { measurement, hostData, vmpl } = measured
    return [Uint8Array.of(2), measurement, hostData, Uint8Array.of(vmpl)]
  }
  if (measured.tee === 'tdx') {
    const { mrTd, rtmr0, rtmr1, rtmr2, rtmr3 } = measured
    return [Uint8Array.of(1), mrTd, rtmr0, rtmr1, rtmr2, rtmr3]
  }
  const { mrEnclave, mrSigner, isvProdId, isvSvn } = measured
  const numbers = Uint8Array.of(isvProdId & 255, isvProdId >> 8, isvSvn & 255, isvSvn >> 8)
  return [Uint8Array.of(0), mrEnclave, mrSigner, numbers]
}
