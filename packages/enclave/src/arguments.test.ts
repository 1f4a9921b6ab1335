import { describe, expect, test } from 'vitest'
import { err, ok, unwrap } from '@tacit/base'
import { readArguments } from './arguments.ts'

const GOOD = ['--role', 'gatekeeper', '--chain-class', 'development']
const invalid = (message: string) => err({ code: 'argument_invalid', message })

describe('the command line', () => {
  test('has a default for what is not said', () => {
    expect(readArguments(GOOD)).toEqual(
      ok({
        role: 'gatekeeper',
        chainClass: 'development',
        evidenceSource: 'auto',
        teeSocket: undefined,
        snpCertificate: undefined,
        gpus: 'none',
        nvattest: '/usr/bin/nvattest',
        nvidiaSmi: '/usr/bin/nvidia-smi',
      }),
    )
    const socket = unwrap(readArguments([...GOOD, '--tee-socket', '/x']))
    expect(socket).toMatchObject({ teeSocket: '/x', evidenceSource: 'tee-socket' })
    const both = unwrap(readArguments([...GOOD, '--tee-socket', '/x', '--evidence-source', 'tdx']))
    expect(both).toMatchObject({ teeSocket: '/x', evidenceSource: 'tdx' })
    expect(readArguments(['--help'])).toEqual(ok(undefined))
  })

  test.each([
    [['--role', 'king'], '--role is one of contracts, gatekeeper'],
    [['--role', 'contracts'], '--chain-class is one of development, production'],
    [
      [...GOOD, '--evidence-source', 'psychic'],
      '--evidence-source is one of auto, tee-socket, gramine, tdx, sev-snp, dstack',
    ],
    [[...GOOD, '--gpus', 'all'], '--gpus is one of none, nvattest, tee-socket'],
    [[...GOOD, '--gpus', 'tee-socket'], '--gpus tee-socket needs --tee-socket'],
    [[...GOOD, '--nvattest', 'bin'], 'bin is not an absolute path'],
    [[...GOOD, '--nvidia-smi', './smi'], './smi is not an absolute path'],
  ])('%j is refused', (args, message) => {
    expect(readArguments(args)).toEqual(invalid(message))
  })

  test('an unknown flag is refused', () => {
    expect(readArguments([...GOOD, '--more'])).toMatchObject({
      error: { code: 'argument_invalid', message: expect.stringContaining("'--more'") },
    })
  })
})
