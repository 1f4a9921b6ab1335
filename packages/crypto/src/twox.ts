import xxhash from 'xxhash-wasm'

const wasm = await xxhash()

/** XXH64 with seed 0, little-endian: Substrate's twox_64. */
export function twox64(bytes: Uint8Array): Uint8Array {
  return lanes(bytes, 1)
}

/** XXH64 with seeds 0 and 1, little-endian: Substrate's twox_128. */
export function twox128(bytes: Uint8Array): Uint8Array {
  return lanes(bytes, 2)
}

function lanes(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(8 * count)
  const view = new DataView(out.buffer)
  for (let seed = 0; seed < count; seed++)
    view.setBigUint64(8 * seed, wasm.h64Raw(bytes, BigInt(seed)), true)
  return out
}
