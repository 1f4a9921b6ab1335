import { inDomain } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { DcapVerdict } from './dcap/verdict.ts'

type Measured =
  | ({ readonly tee: 'tdx' } & Pick<
      Extract<DcapVerdict, { tee: 'tdx' }>,
      'mrTd' | 'rtmr0' | 'rtmr1' | 'rtmr2' | 'rtmr3'
    >)
  | ({ readonly tee: 'sgx' } & Pick<
      Extract<DcapVerdict, { tee: 'sgx' }>,
      'mrEnclave' | 'mrSigner' | 'isvProdId' | 'isvSvn'
    >)

/**
 * Names a measured program by 32 bytes: BLAKE2b-256 over the domain `measurement`, one byte for the
 * TEE (0 SGX, 1 TDX) and MRTD with RTMR0 to RTMR3, or MRENCLAVE, MRSIGNER, product id and SVN
 * (little-endian). All parts have fixed length.
 */
export function measurementId(measured: Measured, hashes: Pick<Hashes, 'blake2b256'>): Uint8Array {
  if (measured.tee === 'tdx') {
    const { mrTd, rtmr0, rtmr1, rtmr2, rtmr3 } = measured
    const parts = [Uint8Array.of(1), mrTd, rtmr0, rtmr1, rtmr2, rtmr3]
    return hashes.blake2b256(inDomain('measurement', ...parts))
  }
  const { mrEnclave, mrSigner, isvProdId, isvSvn } = measured
  const numbers = Uint8Array.of(isvProdId & 255, isvProdId >> 8, isvSvn & 255, isvSvn >> 8)
  return hashes.blake2b256(inDomain('measurement', Uint8Array.of(0), mrEnclave, mrSigner, numbers))
}
