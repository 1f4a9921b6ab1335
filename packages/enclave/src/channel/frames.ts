import { concatBytes, err, ok, parseUtf8, utf8, type Result } from '@tacit/base'
import type { Json } from './json.ts'

/** Bytes of one frame's JSON. */
export const MAX_FRAME_BYTES: number = 20 * 1024 * 1024

/**
 * The other side broke the framing. After `frame_too_large` the stream cannot be followed any
 * more; after `frame_malformed` it goes on with the next frame.
 */
export type FrameError = { readonly code: 'frame_too_large' } | { readonly code: 'frame_malformed' }

/** Length (u32 LE), then JSON in UTF-8. */
export function encodeFrame(message: Json): Result<Uint8Array, FrameError> {
  const body = utf8(JSON.stringify(message))
  if (body.length > MAX_FRAME_BYTES) return err({ code: 'frame_too_large' })
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, body.length, true)
  return ok(concatBytes(head, body))
}

export interface FrameReader {
  /** Takes the next bytes of the stream and gives the frames that they complete, in order. */
  push(chunk: Uint8Array): Result<unknown, FrameError>[]
}

/** Cuts a byte stream into frames; holds at most one incomplete frame. */
export function createFrameReader(): FrameReader {
  let parts: Uint8Array[] = []
  let held = 0
  let isBroken = false

  function take(length: number): Uint8Array {
    const all = parts.length === 1 ? (parts[0] ?? new Uint8Array()) : concatBytes(...parts)
    held = all.length - length
    parts = held > 0 ? [all.subarray(length)] : []
    return all.subarray(0, length)
  }

  let expected: number | undefined
  function next(): Result<unknown, FrameError> | undefined {
    if (expected === undefined) {
      if (held < 4) return undefined
      const head = take(4)
      expected = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true)
      if (expected > MAX_FRAME_BYTES) {
        isBroken = true
        return err({ code: 'frame_too_large' })
      }
    }
    if (held < expected) return undefined
    const body = take(expected)
    expected = undefined
    return parseBody(body)
  }

  return {
    push(chunk) {
      const frames: Result<unknown, FrameError>[] = []
      if (isBroken || chunk.length === 0) return frames
      parts.push(chunk)
      held += chunk.length
      for (;;) {
        const frame = isBroken ? undefined : next()
        if (frame === undefined) return frames
        frames.push(frame)
      }
    },
  }
}

function parseBody(body: Uint8Array): Result<unknown, FrameError> {
  const text = parseUtf8(body)
  if (text === undefined) return err({ code: 'frame_malformed' })
  try {
    const value: unknown = JSON.parse(text)
    return ok(value)
  } catch {
    return err({ code: 'frame_malformed' })
  }
}
