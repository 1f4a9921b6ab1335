import { MAX_FRAME_BYTES } from './wire.ts'

/** A frame is its length as u32, little-endian, and that many bytes. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length)
  new DataView(frame.buffer).setUint32(0, body.length, true)
  frame.set(body, 4)
  return frame
}

/** Collects a stream's chunks into frames; holds no more than one frame of the largest size. */
export class FrameReader {
  #chunks: Uint8Array[] = []
  #held = 0
  readonly #onFrame: (body: Uint8Array) => void
  readonly #onOversize: () => void

  constructor(onFrame: (body: Uint8Array) => void, onOversize: () => void) {
    this.#onFrame = onFrame
    this.#onOversize = onOversize
  }

  push(chunk: Uint8Array): void {
    // A stream hands out Buffers, whose slice() is not Uint8Array's.
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#held += chunk.length
    for (;;) {
      if (this.#held < 4) return
      const length = this.#peekLength()
      if (length > MAX_FRAME_BYTES) return this.#onOversize()
      if (this.#held < 4 + length) return
      this.#onFrame(this.#join().subarray(4, 4 + length))
      this.#drop(4 + length)
    }
  }

  #peekLength(): number {
    const first = this.#chunks[0]
    const head = first !== undefined && first.length >= 4 ? first : this.#join()
    return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true)
  }

  #join(): Uint8Array {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    const joined = new Uint8Array(this.#held)
    let at = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, at)
      at += chunk.length
    }
    this.#chunks = [joined]
    return joined
  }

  #drop(length: number): void {
    const rest = this.#join().subarray(length)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#held = rest.length
  }
}
