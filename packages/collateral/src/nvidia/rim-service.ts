import { createHash } from 'node:crypto'
import { boundedBytes, err, ok, parseBase64, utf8, type Codec, type Result } from '@tacit/base'
import {
  decideRim,
  readJson,
  type JsonProblem,
  type RimError,
  type RimVerdict,
} from '@tacit/attestation'
import type { HttpError } from '../http/http-error.ts'
import type { Published } from '../obtain.ts'
import type { NvidiaOptions } from './nvidia-options.ts'

export type RimServiceError =
  /** No name of a manifest: letters, digits, dots, dashes and underlines, at most 128. */
  | { readonly code: 'rim_name_invalid'; readonly name: string }
  | ({ readonly code: 'rim_answer_malformed' } & JsonProblem)
  /** Only signed SWID tags are read; network adapters have manifests of another format. */
  | { readonly code: 'rim_format_unsupported'; readonly format: string }
  /** The answer's own digest is not that of the manifest in it. */
  | { readonly code: 'rim_digest_wrong' }
  /** The verifier's error. */
  | { readonly code: 'rim_refused'; readonly name: string; readonly error: RimError }

/** A verified manifest, as it came and as it reads. */
export interface Rim {
  readonly bytes: Uint8Array
  readonly verdict: RimVerdict
}

const MAX_RIM_BYTES = 131_072
const MAX_ANSWER_BYTES = 262_144
const rimCodec: Codec<Uint8Array> = boundedBytes(MAX_RIM_BYTES)

/** A reference integrity manifest under its name at NVIDIA's service. */
export function publishedRim(
  options: NvidiaOptions,
  name: string,
): Published<Uint8Array, Rim, RimServiceError> {
  const { rimUrl, roots, verify, hashes, now } = options
  return {
    key: ['nvidia', rimUrl, 'rim', name].join(' '),
    codec: rimCodec,
    fetch: () => fetchRim(options, name),
    check: (rim) => {
      const verdict = decideRim({ rim, roots, now: now(), hashes }, verify)
      if (!verdict.ok) return err({ code: 'rim_refused', name, error: verdict.error })
      return ok({ bytes: rim, verdict: verdict.value })
    },
    isOlder: (fresh, kept) => fresh.verdict.latestIssue < kept.verdict.latestIssue,
  }
}

/** Source: NVIDIA Reference Integrity Manifest Service, `GET /v1/rim/{id}`. */
async function fetchRim(
  { http, rimUrl, serviceKey }: NvidiaOptions,
  name: string,
): Promise<Result<Uint8Array, RimServiceError | HttpError>> {
  if (!/^[\w.-]{1,128}$/.test(name)) {
    return err({ code: 'rim_name_invalid', name: name.slice(0, 128) })
  }
  const headers = serviceKey === undefined ? {} : { authorization: `Bearer ${serviceKey}` }
  const url = `${rimUrl}/v1/rim/${name}`
  const contentTypes = ['application/json']
  const answer = await http({ url, headers, contentTypes, maxBytes: MAX_ANSWER_BYTES })
  return answer.ok ? readAnswer(answer.value.body, name) : answer
}

function readAnswer(body: Uint8Array, name: string): Result<Uint8Array, RimServiceError> {
  const read = readJson(body, (root) => {
    const id = root.get('id')
    const rim = root.get('rim')
    return {
      isAsked: id.text(128) === name || id.fail('value_invalid'),
      format: root.maybe('rim_format')?.text(32) ?? 'TCG',
      bytes: parseBase64(utf8(rim.text(MAX_ANSWER_BYTES))) ?? rim.fail('value_invalid'),
      sha256: root.maybe('sha256')?.hex(32),
    }
  })
  if (!read.ok) return err({ code: 'rim_answer_malformed', ...read.error })
  const { format, bytes, sha256 } = read.value
  if (format !== 'TCG') return err({ code: 'rim_format_unsupported', format })
  const digest = createHash('sha256').update(bytes).digest()
  const isIntact = sha256 === undefined || digest.equals(sha256)
  return isIntact ? ok(bytes) : err({ code: 'rim_digest_wrong' })
}
