import type { GpuAttack } from '@tacit/platform-dev'

/** Sets an opaque field, or leaves it out, before the report is signed. */
export function withField(type: number, value: Uint8Array | undefined): GpuAttack {
  return {
    editFields: (fields) => {
      const at = fields.findIndex((field) => field.type === type)
      const field = value === undefined ? [] : [{ type, value }]
      fields.splice(at < 0 ? fields.length : at, at < 0 ? 0 : 1, ...field)
    },
  }
}

export function u16Field(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8)
}
