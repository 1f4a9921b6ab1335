/** Processor state that an enclave or TD may use, by bit of XCR0 and IA32_XSS. */
const NAMES = [
  'x87',
  'sse',
  'avx',
  'mpx_bndregs',
  'mpx_bndcsr',
  'avx512_opmask',
  'avx512_zmm_hi256',
  'avx512_hi16_zmm',
  'pt',
  'pkru',
  'pasid',
  'cet_u',
  'cet_s',
  'hdc',
  'uintr',
  'lbr',
  'hwp',
  'amx_tilecfg',
  'amx_tiledata',
  'apx',
] as const

/**
 * The names of the bits set in XFAM (TDX) or XFRM (SGX), 8 bytes little-endian, lowest first;
 * a bit without a name is `bit_` and its number.
 * Source: Intel SDM, volume 1, section 13.1; Intel TDX Module 1.5 ABI, "XFAM".
 */
export function featureNames(mask: Uint8Array): readonly string[] {
  const names: string[] = []
  for (let at = 0; at < mask.length; at++) {
    for (let left = mask[at] ?? 0; left !== 0; left &= left - 1) {
      const bit = 8 * at + (31 - Math.clz32(left & -left))
      names.push(NAMES[bit] ?? `bit_${bit}`)
    }
  }
  return names
}
