import { codec, type Codec, type Result } from '@tacit/base'

/** Rust's Result. */
export function resultCodec<T, E>(value: Codec<T>, error: Codec<E>): Codec<Result<T, E>> {
  return codec<Result<T, E>>(
    {
      kind: 'variant',
      path: ['Result'],
      params: [
        { name: 'T', type: value.type },
        { name: 'E', type: error.type },
      ],
      variants: [
        { name: 'Ok', index: 0, fields: [{ type: value.type }], docs: [] },
        { name: 'Err', index: 1, fields: [{ type: error.type }], docs: [] },
      ],
    },
    (result, out) => {
      out.u8(result.ok ? 0 : 1)
      if (result.ok) value.encode(result.value, out)
      else error.encode(result.error, out)
    },
    (input) => {
      const tag = input.u8()
      if (tag > 1) input.fail('variant_unknown')
      if (tag === 0) return { ok: true, value: value.decode(input) }
      return { ok: false, error: error.decode(input) }
    },
  )
}
