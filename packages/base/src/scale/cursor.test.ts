import { expect, it } from 'vitest'
import { Writer } from './cursor.ts'

it('keeps what was written apart, however writers lie within each other and follow each other', () => {
  const outer = new Writer()
  outer.u32(1)
  const inner = new Writer()
  inner.put(new Uint8Array(10_000).fill(2))
  const long = inner.finish()
  outer.u8(3)
  const short = outer.finish()
  const later = new Writer()
  later.put(new Uint8Array(40).fill(4))
  later.finish()
  expect(short).toEqual(Uint8Array.of(1, 0, 0, 0, 3))
  expect(long).toEqual(new Uint8Array(10_000).fill(2))
})

it('begins anew behind its end', () => {
  const writer = new Writer()
  writer.u8(1)
  writer.finish()
  const other = new Writer()
  other.u8(2)
  writer.u8(3)
  expect([writer.finish(), other.finish()]).toEqual([Uint8Array.of(3), Uint8Array.of(2)])
})
