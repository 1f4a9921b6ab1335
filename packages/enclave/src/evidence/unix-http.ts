import { request, type IncomingMessage } from 'node:http'
import { concatBytes, ok, type Result } from '@tacit/base'
import { unavailable, type EvidenceError } from './evidence-source.ts'

export interface UnixPost {
  readonly socketPath: string
  /** Path of the request, with its query. */
  readonly path: string
  readonly body: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Posts JSON over HTTP to a unix socket; only status 200 counts, and no more than maxBytes. */
export function postUnix(post: UnixPost): Promise<Result<Uint8Array, EvidenceError>> {
  const { socketPath, path, body, signal } = post
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  return new Promise((resolve) => {
    const sent = request({ socketPath, path, method: 'POST', headers, signal }, (response) => {
      readAnswer(response, post.maxBytes).then(resolve, () =>
        resolve(unavailable(signal.aborted ? 'timeout' : 'socket_closed')),
      )
    })
    sent.once('error', () => resolve(unavailable(signal.aborted ? 'timeout' : 'socket_failed')))
    sent.end(body)
  })
}

async function readAnswer(
  response: IncomingMessage,
  maxBytes: number,
): Promise<Result<Uint8Array, EvidenceError>> {
  if (response.statusCode !== 200) {
    response.destroy()
    return unavailable('agent_refused')
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) {
      response.destroy()
      return unavailable('answer_too_large')
    }
    chunks.push(chunk)
  }
  return ok(concatBytes(...chunks))
}
