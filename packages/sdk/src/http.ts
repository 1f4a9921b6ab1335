import { TacitError } from './errors.ts'

const TIMEOUT_MS = 30_000
const MAX_REPLY_BYTES = 1_048_576

/**
 * Posts bytes to a worker and gives back its answer's bytes.
 * @throws TacitError `worker_unreachable`, or the worker's own code.
 */
export async function post(url: string, body: Uint8Array): Promise<Uint8Array> {
  const response = await send(url, body)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (response.ok && bytes.length <= MAX_REPLY_BYTES) return bytes
  throw refused(url, response.status, bytes)
}

async function send(url: string, body: Uint8Array): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      body: body.slice(),
      headers: { 'content-type': 'application/octet-stream' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (cause) {
    throw new TacitError({
      code: 'worker_unreachable',
      shortMessage: `No worker answers at ${url}`,
      fix: 'Check that the worker runs and that its registered endpoint is right.',
      cause,
    })
  }
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
