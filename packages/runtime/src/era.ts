import { codec, u8, type Codec, type VariantInfo } from '@tacit/base'

/**
 * For which blocks a signature counts: for ever, or for the `period` blocks from the latest one
 * whose number is `phase` modulo the period. period: a power of two, 4 to 65,536.
 * Source: sp_runtime::generic::Era.
 */
export type Era =
  | { readonly type: 'Immortal' }
  | { readonly type: 'Mortal'; readonly period: number; readonly phase: number }

export const IMMORTAL: Era = { type: 'Immortal' }

const MIN_PERIOD = 4
const MAX_PERIOD = 65_536

/** An era of at least `period` blocks that begins at block `current`, as far as it is exact. */
export function mortalEra(period: number, current: number): Era {
  let length = MIN_PERIOD
  while (length < period && length < MAX_PERIOD) length *= 2
  const step = quantum(length)
  return { type: 'Mortal', period: length, phase: Math.floor((current % length) / step) * step }
}

/** The first block of the era in which `current` lies; its hash is part of what is signed. */
export function eraBirth(era: Era, current: number): number {
  if (era.type === 'Immortal') return 0
  const { period, phase } = era
  return Math.floor((Math.max(current, phase) - phase) / period) * period + phase
}

/** The first block behind the era; undefined for ever. */
export function eraDeath(era: Era, current: number): number | undefined {
  return era.type === 'Immortal' ? undefined : eraBirth(era, current) + era.period
}

/** sp_runtime::generic::Era: one zero byte, or two bytes. */
export const eraCodec: Codec<Era> = codec<Era>(
  {
    kind: 'variant',
    path: ['sp_runtime', 'generic', 'era', 'Era'],
    params: [],
    variants: [
      { name: 'Immortal', index: 0, fields: [], docs: [] },
      ...Array.from({ length: 255 }, (_, at) => mortalVariant(at + 1)),
    ],
  },
  (era, out) => {
    if (era.type === 'Immortal') return out.u8(0)
    const exponent = Math.min(15, Math.max(1, Math.log2(era.period) - 1))
    out.u16(exponent | ((era.phase / quantum(era.period)) << 4))
  },
  (input) => {
    const first = input.u8()
    if (first === 0) return IMMORTAL
    const encoded = first | (input.u8() << 8)
    const period = 2 << (encoded % 16)
    const phase = (encoded >> 4) * quantum(period)
    if (period < MIN_PERIOD || phase >= period) input.fail('value_invalid')
    return { type: 'Mortal', period, phase }
  },
)

/** Long eras begin at multiples of this, so that a phase fits into twelve bits. */
function quantum(period: number): number {
  return Math.max(1, Math.floor(period / 4096))
}

function mortalVariant(index: number): VariantInfo {
  return { name: `Mortal${index}`, index, fields: [{ type: u8.type }], docs: [] }
}
