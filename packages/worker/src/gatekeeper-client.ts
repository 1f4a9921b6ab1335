import { WorkerError } from './worker-error.ts'

const TIMEOUT_MS = 20_000
const MAX_ANSWER_BYTES = 65_536

/** Posts bytes to another worker. @throws WorkerError with that worker's code. */
export async function postBytes(url: string, body: Uint8Array): Promise<Uint8Array> {
  const response = await send(url, body)
  const answer = new Uint8Array(await response.arrayBuffer())
  if (answer.length > MAX_ANSWER_BYTES) throw new WorkerError('answer_too_large', url)
  if (response.ok) return answer
  throw new WorkerError(codeIn(answer) ?? 'gatekeeper_failed', `${url} refused`)
}

async function send(url: string, body: Uint8Array): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      body: body.slice(),
      headers: { 'content-type': 'application/octet-stream' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    throw new WorkerError('gatekeeper_unreachable', `nothing answers at ${url}`)
  }
}

function codeIn(answer: Uint8Array): string | undefined {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(answer)) as { error?: { code?: unknown } }
    return typeof parsed.error?.code === 'string' ? parsed.error.code : undefined
  } catch {
    return undefined
  }
}
