/** A family of processors that shares a root key, an ASK and the layout of its TCB. */
export const SNP_FAMILIES = ['Milan', 'Genoa', 'Turin'] as const

export type SnpFamily = (typeof SNP_FAMILIES)[number]

/** A processor as CPUID names it, family and model with their extensions added. */
export interface SnpCpuid {
  readonly family: number
  readonly model: number
  readonly stepping: number
}

/**
 * The family of a processor: 19h models 00h to 0Fh are Milan, 10h to 1Fh and A0h to AFh (Bergamo,
 * Siena) Genoa; 1Ah models 00h to 11h Turin. Undefined for all others: newer families order their
 * TCB in other ways.
 * Source: AMD Processor Programming References; virtee/sev, `Generation::identify_cpu`.
 */
export function familyOfCpuid({ family, model }: SnpCpuid): SnpFamily | undefined {
  if (family === 0x19) {
    if (model <= 0x0f) return 'Milan'
    if (model <= 0x1f || (model >= 0xa0 && model <= 0xaf)) return 'Genoa'
  }
  return family === 0x1a && model <= 0x11 ? 'Turin' : undefined
}

/**
 * The family of a product name such as `Milan-B0` or, where AMD leaves the stepping out, `Turin`.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), "productName".
 */
export function familyOfProduct(productName: string): SnpFamily | undefined {
  const [, name] = /^([A-Za-z]+)(?:-[A-Z]\d)?$/.exec(productName) ?? []
  return SNP_FAMILIES.find((family) => family === name)
}
