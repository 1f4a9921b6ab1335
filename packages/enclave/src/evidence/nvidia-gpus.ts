import { bytesToHex, equalBytes, ok, parseBase64, parseUtf8, utf8, type Result } from '@tacit/base'
import { readJson, type JsonField } from '@tacit/attestation'
import {
  MAX_GPU_CHAIN_BYTES,
  MAX_GPU_DEVICES,
  MAX_GPU_REPORT_BYTES,
  type GpuDevice,
  type GpuReports,
} from '@tacit/runtime'
import { unavailable, type EvidenceError, type GpuSource } from './evidence-source.ts'
import { inTurn } from './in-turn.ts'
import { runCommand } from './run-command.ts'

export interface NvidiaOptions {
  /** Absolute paths. */
  readonly nvattest: string
  readonly nvidiaSmi: string
  readonly timeoutMs: number
}

export const NVATTEST = '/usr/bin/nvattest'
export const NVIDIA_SMI = '/usr/bin/nvidia-smi'

const MAX_STATE_BYTES = 16_384
const MAX_EVIDENCE_JSON_BYTES = 262_144
/** The nonce stands in the SPDM request, behind its four-byte header. */
const NONCE_START = 4
const NONCE_BYTES = 32

/**
 * Collects SPDM reports of all GPUs, and of the switches between them in Protected PCIe mode,
 * through NVIDIA's own programs: NVML is a C library, and nothing native is loaded into an enclave.
 * `nvidia-smi conf-compute` must say that a confidential mode is on, developer tools are off and
 * the GPUs take work: reports alone do not prove it. Then
 * `nvattest collect-evidence --device gpu --nonce 0x.. --format json` prints
 * `{"result_code": 0, "evidences": [{"arch", "nonce", "evidence", "certificate"}]}`, the last two in
 * base64. Any program with the same flags and output will do.
 * Source: NVIDIA/attestation-sdk, nv-attestation-cli; nvidia-smi(1), conf-compute.
 */
export function nvidiaGpus(options: NvidiaOptions): GpuSource {
  const collect = inTurn<GpuReports>(options.timeoutMs, async (nonce, signal) => {
    const mode = await checkMode(options.nvidiaSmi, signal)
    if (!mode.ok) return mode
    const gpus = await collectKind(options.nvattest, 'gpu', nonce, signal)
    if (!gpus.ok || !mode.value.hasSwitches) return gpus
    const switches = await collectKind(options.nvattest, 'nvswitch', nonce, signal)
    if (!switches.ok) return switches
    const devices = [...gpus.value.devices, ...switches.value.devices]
    return devices.length > MAX_GPU_DEVICES ? unavailable('evidence_too_large') : ok({ devices })
  })
  return { name: 'nvattest', untestedOnHardware: true, collect }
}

/** In Protected PCIe mode, where the GPUs of a board work together, the CC feature itself is off. */
async function checkMode(
  nvidiaSmi: string,
  signal: AbortSignal,
): Promise<Result<{ readonly hasSwitches: boolean }, EvidenceError>> {
  const ask = async (flag: string, label: string): Promise<Result<string, EvidenceError>> => {
    const text = await runCommand(nvidiaSmi, ['conf-compute', flag], MAX_STATE_BYTES, signal)
    return text.ok ? readLabel(text.value, label) : text
  }
  const feature = await ask('-f', 'CC status')
  if (!feature.ok) return feature
  const isOn = feature.value === 'ON'
  if (!isOn) {
    const multi = await ask('-q', 'Multi-GPU Mode')
    if (!multi.ok) return multi
    if (multi.value !== 'Protected PCIe') return unavailable('cc_mode_off')
  }
  const tools = await ask('-d', 'DevTools Mode')
  if (!tools.ok) return tools
  if (tools.value !== 'OFF') return unavailable('devtools_on')
  const ready = await ask('-grs', 'Confidential Compute GPUs Ready state')
  if (!ready.ok) return ready
  if (ready.value !== 'ready') return unavailable('gpus_not_ready')
  return ok({ hasSwitches: !isOn })
}

/** The value behind a label that stands on exactly one line. */
function readLabel(output: Uint8Array, label: string): Result<string, EvidenceError> {
  const found = (parseUtf8(output) ?? '')
    .split('\n')
    .map((line) => /^\s*(.+?)\s*:\s*(.*?)\s*$/.exec(line))
    .filter((match) => match?.[1] === label)
  const value = found.length === 1 ? found[0]?.[2] : undefined
  return value === undefined ? unavailable('answer_malformed') : ok(value)
}

async function collectKind(
  nvattest: string,
  device: 'gpu' | 'nvswitch',
  nonce: Uint8Array,
  signal: AbortSignal,
): Promise<Result<GpuReports, EvidenceError>> {
  const args = ['collect-evidence', '--device', device, '--nonce', `0x${bytesToHex(nonce)}`]
  const format = ['--format', 'json', '--log-level', 'off']
  const output = await runCommand(nvattest, [...args, ...format], MAX_EVIDENCE_JSON_BYTES, signal)
  return output.ok ? readEvidence(output.value, nonce) : output
}

function readEvidence(output: Uint8Array, nonce: Uint8Array): Result<GpuReports, EvidenceError> {
  const read = readJson(output, (root) => ({
    code: root.get('result_code').integer(0xffff),
    devices: root.get('evidences').items(1, MAX_GPU_DEVICES).map(readDevice),
  }))
  if (!read.ok) return unavailable('answer_malformed')
  if (read.value.code !== 0) return unavailable('command_failed')
  const { devices } = read.value
  const answersNonce = ({ report }: GpuDevice): boolean =>
    equalBytes(report.subarray(NONCE_START, NONCE_START + NONCE_BYTES), nonce)
  return devices.every(answersNonce) ? ok({ devices }) : unavailable('nonce_mismatch')
}

function readDevice(field: JsonField): GpuDevice {
  return {
    certificateChain: base64Of(field.get('certificate'), MAX_GPU_CHAIN_BYTES),
    report: base64Of(field.get('evidence'), MAX_GPU_REPORT_BYTES),
  }
}

function base64Of(field: JsonField, maxBytes: number): Uint8Array {
  const bytes = parseBase64(utf8(field.text(2 * maxBytes)))
  return bytes === undefined || bytes.length > maxBytes ? field.fail('value_invalid') : bytes
}
