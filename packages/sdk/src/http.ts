import { concatBytes } from '@tacit/base'
import { TacitError } from './errors.ts'

/** How long a worker may take, and how much it may answer. */
export type PostLimits = { readonly timeoutMs: number; readonly maxReplyBytes: number }

const LIMITS: PostLimits = { timeoutMs: 30_000, maxReplyBytes: 1_048_576 }

/**
 * Posts bytes to a worker and gives back its answer's bytes.
 * @throws TacitError `worker_unreachable`, `reply_too_large`, or the worker's own code.
 */
export async function post(
  url: string,
  body: Uint8Array,
  limits: PostLimits = LIMITS,
): Promise<Uint8Array> {
  const response = await send(url, body, limits.timeoutMs)
  const bytes = await readBounded(url, response, limits.maxReplyBytes)
  if (response.ok) return bytes
  throw refused(url, response.status, bytes)
}

/** A worker is not trusted: what it sends without end is not kept. */
async function readBounded(url: string, response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of chunksOf(response)) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge(url)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof TacitError ? cause : unreachable(url, cause)
  }
  return concatBytes(...chunks)
}

/** By its reader, since not every browser iterates a stream. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}

async function send(url: string, body: Uint8Array, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      body: body.slice(),
      headers: { 'content-type': 'application/octet-stream' },
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

function unreachable(url: string, cause: unknown): TacitError {
  return new TacitError({
    code: 'worker_unreachable',
    shortMessage: `No worker answers at ${url}`,
    fix: 'Check that the worker runs and that its registered endpoint is right.',
    cause,
  })
}

function tooLarge(url: string): TacitError {
  return new TacitError({
    code: 'reply_too_large',
    shortMessage: `What ${url} sends is larger than any answer may be`,
    fix: 'Report the worker; nothing of its answer was kept.',
  })
}

function refused(url: string, status: number, bytes: Uint8Array): TacitError {
  const error = parseError(bytes)
  return new TacitError({
    code: error ?? 'worker_failed',
    shortMessage: `The worker refused ${url} with status ${status}${error ? `: ${error}` : ''}`,
    fix: 'Correct the request, or try again when the worker has caught up with the chain.',
  })
}

function parseError(bytes: Uint8Array): string | undefined {
  try {
    const body = JSON.parse(new TextDecoder().decode(bytes.subarray(0, 4_096))) as {
      error?: { code?: string } | string
    }
    return typeof body.error === 'string' ? body.error : body.error?.code
  } catch {
    return undefined
  }
}
