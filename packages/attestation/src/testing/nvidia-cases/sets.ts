import { concatBytes } from '@tacit/base'
import type { DevDevice } from '@tacit/platform-dev'
import type { GpuSetError } from '../../nvidia/errors.ts'
import type { GpuSetInput } from '../../nvidia/gpu-set.ts'
import type { GpuSetVerdict } from '../../nvidia/verdict.ts'
import { gpuPlatform, machine, setInput } from '../nvidia-kit.ts'

/** Synthetic evidence of several devices, and what verifying it must give. */
export interface GpuSetCase {
  /** Unique among all cases, in kebab case. */
  readonly name: string
  readonly what: string
  readonly expected:
    | { readonly verdict: Partial<GpuSetVerdict> }
    | (Partial<GpuSetError> & { readonly code: GpuSetError['code'] })
  readonly input: () => GpuSetInput
}

const STRANGER = new Uint8Array(8).fill(9)
const GPUS = machine.slice(0, 8)
const SWITCHES = machine.slice(8)

/** Machines that are one, and those that are none. */
export const GPU_SET_CASES: readonly GpuSetCase[] = [
  set('closed', 'eight GPUs and four switches', machine, {
    verdict: {
      gpus: 8,
      topology: 'closed',
      architectures: ['Hopper', 'LS10'],
      driverVersions: ['550.144.03'],
      debug: false,
      signatureChecks: 3 * 12 + 3,
    },
  }),
  set('any-order', 'the same, switches first', machine.toReversed(), {
    verdict: { gpus: 8, topology: 'closed', architectures: ['LS10', 'Hopper'] },
  }),
  set('gpus-alone', 'eight GPUs whose links nobody looks into', GPUS, {
    verdict: { gpus: 8, topology: 'unlinked' },
  }),
  set('one-gpu', 'a set of one', GPUS.slice(0, 1), { verdict: { gpus: 1, topology: 'unlinked' } }),
  set(
    'mixed',
    'GPUs of two architectures and with different drivers',
    [gpuPlatform.launch(), gpuPlatform.launch({ architecture: 'Blackwell' })],
    {
      verdict: { architectures: ['Hopper', 'Blackwell'], driverVersions: ['550.144.03', '575.32'] },
    },
  ),
  set(
    'debug',
    'a set in which one device is open to a debugger',
    [
      gpuPlatform.launch(),
      gpuPlatform.attack({ firmwareFlags: 0x10 }).launch({ architecture: 'Blackwell' }),
    ],
    { verdict: { debug: true } },
  ),
  set('none', 'no device', [], { code: 'device_count_wrong', count: 0 }),
  set('seventeen', 'more devices than a machine has', [...machine, ...machine.slice(0, 5)], {
    code: 'device_count_wrong',
    count: 17,
  }),
  set('twice', 'the same GPU twice', [...GPUS.slice(0, 3), ...GPUS.slice(1, 2)], {
    code: 'device_duplicate',
    device: 3,
  }),
  set('switches-alone', 'switches without GPUs', SWITCHES, {
    verdict: { gpus: 0, topology: 'unlinked' },
  }),
  set('seven-gpus', 'a machine with one GPU less', machine.slice(1), {
    code: 'topology_incomplete',
    gpus: 7,
    switches: 4,
  }),
  set('three-switches', 'a machine with one switch less', machine.slice(0, 11), {
    code: 'topology_incomplete',
    gpus: 8,
    switches: 3,
  }),
  set(
    'gpu-elsewhere',
    'a GPU that is linked to one switch of another machine',
    replaced(2, (device) => relinked(device, 'Hopper', [STRANGER, ...pdis(SWITCHES.slice(1))])),
    { code: 'topology_mismatch', device: 2 },
  ),
  set(
    'gpu-half-linked',
    'a GPU that is linked to three switches only',
    replaced(5, (device) => relinked(device, 'Hopper', pdis(SWITCHES.slice(1)))),
    { code: 'topology_mismatch', device: 5 },
  ),
  set(
    'gpu-one-more',
    'a GPU that is linked to a fifth switch too',
    replaced(0, (device) => relinked(device, 'Hopper', [...pdis(SWITCHES), STRANGER])),
    { code: 'topology_mismatch', device: 0 },
  ),
  set(
    'gpu-unlinked',
    'a GPU that says nothing about links',
    replaced(0, () => gpuPlatform.launch({ slot: 0 })),
    { code: 'topology_mismatch', device: 0 },
  ),
  set(
    'switch-elsewhere',
    'a switch that is linked to a GPU of another machine',
    replaced(9, (device) => relinked(device, 'LS10', [STRANGER, ...pdis(GPUS.slice(1))])),
    { code: 'topology_mismatch', device: 9 },
  ),
  set(
    'switch-half-linked',
    'a switch that is linked to seven GPUs only',
    replaced(11, (device) => relinked(device, 'LS10', pdis(GPUS.slice(1)))),
    { code: 'topology_mismatch', device: 11 },
  ),
  {
    name: 'set-nonce',
    what: 'a device that was asked with another nonce',
    expected: { code: 'nonce_mismatch', device: 1 },
    input: () => {
      const input = setInput(GPUS.slice(0, 2))
      const report = GPUS[1]?.report(new Uint8Array(32)) ?? new Uint8Array()
      const [first, second] = input.devices
      if (first === undefined || second === undefined) return input
      return { ...input, devices: [first, { ...second, report }] }
    },
  },
  {
    name: 'set-form',
    what: 'a device whose report is cut off',
    expected: { code: 'report_truncated', device: 1 },
    input: () => {
      const input = setInput(GPUS.slice(0, 2))
      const devices = input.devices.map((device, at) =>
        at === 1 ? { ...device, report: device.report.subarray(0, 100) } : device,
      )
      return { ...input, devices }
    },
  },
  {
    name: 'set-signature',
    what: 'a device whose signature was changed',
    expected: { code: 'report_signature_invalid' },
    input: () => {
      const input = setInput(GPUS.slice(0, 2))
      const devices = input.devices.map((device, at) =>
        at === 1
          ? {
              ...device,
              report: concatBytes(device.report.subarray(0, -1), Uint8Array.of(0)),
            }
          : device,
      )
      return { ...input, devices }
    },
  },
]

function set(
  name: string,
  what: string,
  devices: readonly DevDevice[],
  expected: GpuSetCase['expected'],
): GpuSetCase {
  return { name: `set-${name}`, what, expected, input: () => setInput(devices) }
}

function replaced(at: number, change: (device: DevDevice) => DevDevice): readonly DevDevice[] {
  return machine.map((device, index) => (index === at ? change(device) : device))
}

/** The same device with other links. */
function relinked(
  device: DevDevice,
  architecture: 'Hopper' | 'LS10',
  links: readonly Uint8Array[],
): DevDevice {
  const slot = machine.indexOf(device) - (architecture === 'LS10' ? 8 : 0)
  return gpuPlatform.launch({ architecture, slot, links, feature: 'PPCIE' })
}

function pdis(devices: readonly DevDevice[]): readonly Uint8Array[] {
  return devices.map(({ pdi }) => pdi)
}
