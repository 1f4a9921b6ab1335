/** Whether a bit of a little-endian bit field is set. */
export function hasBit(field: Uint8Array, bit: number): boolean {
  return (((field[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1
}

/** The set bits from one on, by number: those that have no name here. */
export function bitsFrom(field: Uint8Array, first: number): readonly number[] {
  const set: number[] = []
  for (let bit = first; bit < 8 * field.length; bit++) if (hasBit(field, bit)) set.push(bit)
  return set
}
