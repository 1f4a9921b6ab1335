/** Planck of one PHA. */
export const PHA: bigint = 10n ** 12n

/** An amount for people: `1.5 PHA`, every digit that is not zero. */
export function formatPha(planck: bigint): string {
  const whole = planck / PHA
  const rest = (planck % PHA).toString().padStart(12, '0').replace(/0+$/, '')
  return `${whole}${rest === '' ? '' : `.${rest}`} PHA`
}

/** Reads `1.5` (PHA) or `1500planck`; undefined where it is neither, or has over 12 decimals. */
export function parsePha(text: string): bigint | undefined {
  const planck = /^(\d{1,39})planck$/.exec(text)
  if (planck?.[1] !== undefined) return BigInt(planck[1])
  const pha = /^(\d{1,27})(?:\.(\d{1,12}))?$/.exec(text)
  if (pha?.[1] === undefined) return undefined
  return BigInt(pha[1]) * PHA + BigInt((pha[2] ?? '').padEnd(12, '0'))
}
