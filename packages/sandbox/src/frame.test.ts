import { concatBytes } from '@tacit/base'
import { describe, expect, it } from 'vitest'

import { encodeFrame, FrameReader } from './frame.ts'
import { MAX_FRAME_BYTES } from './wire.ts'

/** The bodies that a reader finds in chunks, and whether it complained. */
function read(chunks: readonly Uint8Array[]): { bodies: number[][]; oversize: number } {
  const bodies: number[][] = []
  let oversize = 0
  const reader = new FrameReader(
    (body) => bodies.push([...body]),
    () => oversize++,
  )
  for (const chunk of chunks) reader.push(chunk)
  return { bodies, oversize }
}

describe('FrameReader', () => {
  const stream = concatBytes(
    encodeFrame(Uint8Array.of(1, 2, 3)),
    encodeFrame(new Uint8Array()),
    encodeFrame(Uint8Array.of(4)),
  )

  it('finds the same frames however the stream is cut', () => {
    for (let size = 1; size <= stream.length; size++) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size))
      expect(read(chunks)).toEqual({ bodies: [[1, 2, 3], [], [4]], oversize: 0 })
    }
  })

  it('keeps what is not whole', () => {
    expect(read([stream.subarray(0, 6)])).toEqual({ bodies: [], oversize: 0 })
  })

  it('refuses a length beyond the bound before it holds the frame', () => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, MAX_FRAME_BYTES + 1, true)
    expect(read([length])).toEqual({ bodies: [], oversize: 1 })
  })
})
