import { parseArgs } from 'node:util'
import { err, ok, type Result } from '@tacit/base'
import { SOURCE_CHOICES, type SourceChoice } from './evidence/choose-source.ts'
import { NVATTEST, NVIDIA_SMI } from './evidence/nvidia-gpus.ts'

/** What the enclave program was told on its command line. */
export interface EnclaveArguments {
  readonly role: 'contracts' | 'gatekeeper'
  readonly chainClass: 'development' | 'production'
  readonly evidenceSource: SourceChoice
  readonly teeSocket: string | undefined
  readonly snpCertificate: string | undefined
  readonly gpus: 'none' | 'nvattest' | 'tee-socket'
  /** Absolute paths. */
  readonly nvattest: string
  readonly nvidiaSmi: string
}

/** An argument is unknown, missing, or not one of its words; `message` says which and what. */
export type ArgumentError = { readonly code: 'argument_invalid'; readonly message: string }

export const HELP: string = `The program inside the TEE. Its worker starts it and speaks to it on stdin and stdout.

  --role contracts|gatekeeper
  --chain-class development|production
  --evidence-source ${SOURCE_CHOICES.join('|')}
        where quotes or reports come from; tee-socket where --tee-socket is given, else auto:
        Gramine, then the kernel's configfs-tsm (TDX, SEV-SNP), then dstack's sockets
  --tee-socket PATH
        unix socket of a platform that speaks this project's own protocol
  --snp-certificate FILE
        SEV-SNP: VCEK or VLEK, DER, where the host gives none
  --gpus none|nvattest|tee-socket
        registers the machine's NVIDIA GPUs too; none where not given
  --nvattest PATH, --nvidia-smi PATH
        NVIDIA's programs (${NVATTEST}, ${NVIDIA_SMI})

No collector ran on the hardware that it is for yet. On a production chain every one of them is
refused (collector_untested); elsewhere the program says so and goes on.
`

const OPTIONS = {
  help: { type: 'boolean' },
  role: { type: 'string' },
  'chain-class': { type: 'string' },
  'evidence-source': { type: 'string' },
  'tee-socket': { type: 'string' },
  'snp-certificate': { type: 'string' },
  gpus: { type: 'string' },
  nvattest: { type: 'string' },
  'nvidia-smi': { type: 'string' },
} as const

type Values = ReturnType<typeof parseArgs<{ readonly options: typeof OPTIONS }>>['values']

/** Reads the command line; undefined where it asks for help. */
export function readArguments(
  args: readonly string[],
): Result<EnclaveArguments | undefined, ArgumentError> {
  let values: Values
  try {
    ;({ values } = parseArgs({ args: [...args], options: OPTIONS }))
  } catch (fault) {
    return invalid(fault instanceof Error ? fault.message : 'unreadable')
  }
  return values.help === true ? ok(undefined) : readValues(values)
}

function readValues(values: Values): Result<EnclaveArguments, ArgumentError> {
  const role = oneOf('role', values.role, ['contracts', 'gatekeeper'])
  if (!role.ok) return role
  const chainClass = oneOf('chain-class', values['chain-class'], ['development', 'production'])
  if (!chainClass.ok) return chainClass
  const teeSocket = values['tee-socket']
  const standard = teeSocket === undefined ? 'auto' : 'tee-socket'
  const source = values['evidence-source'] ?? standard
  const evidenceSource = oneOf('evidence-source', source, SOURCE_CHOICES)
  if (!evidenceSource.ok) return evidenceSource
  const gpus = oneOf('gpus', values.gpus ?? 'none', ['none', 'nvattest', 'tee-socket'])
  if (!gpus.ok) return gpus
  if (gpus.value === 'tee-socket' && teeSocket === undefined) {
    return invalid('--gpus tee-socket needs --tee-socket')
  }
  const { nvattest = NVATTEST, 'nvidia-smi': nvidiaSmi = NVIDIA_SMI } = values
  const relative = [nvattest, nvidiaSmi].find((path) => !path.startsWith('/'))
  if (relative !== undefined) return invalid(`${relative} is not an absolute path`)
  return ok({
    role: role.value,
    chainClass: chainClass.value,
    evidenceSource: evidenceSource.value,
    teeSocket,
    snpCertificate: values['snp-certificate'],
    gpus: gpus.value,
    nvattest,
    nvidiaSmi,
  })
}

function oneOf<const T extends string>(
  name: string,
  value: string | undefined,
  words: readonly T[],
): Result<T, ArgumentError> {
  const word = words.find((one) => one === value)
  return word === undefined ? invalid(`--${name} is one of ${words.join(', ')}`) : ok(word)
}

function invalid(message: string): Result<never, ArgumentError> {
  return err({ code: 'argument_invalid', message })
}
