import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bytesToHex, err, ok, unwrap, utf8 } from '@tacit/base'
import { findEvidence } from '../../../../vectors/evidence.ts'
import { filled } from '../testing/test-bytes.ts'
import { nvidiaGpus } from './nvidia-gpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'tacit-nvidia-'))
afterAll(() => rmSync(folder, { recursive: true }))
const NONCE = filled(5)
const unavailable = (reason: string) => err({ code: 'evidence_unavailable', reason })

/** What nvidia-smi prints, line for line as drivers 550 to 595 do. */
const READY = {
  '-f': 'CC status: ON',
  '-d': 'DevTools Mode: OFF',
  '-grs': 'Confidential Compute GPUs Ready state: ready',
  '-q': [
    '==============NVSMI CONF-COMPUTE LOG==============',
    '',
    '    CC State                   : OFF',
    '    Multi-GPU Mode             : None',
    '    CPU CC Capabilities        : INTEL TDX',
    '    GPU CC Capabilities        : CC Capable',
    '    CC GPUs Ready State        : Ready',
    '',
  ].join('\n'),
}
const PPCIE = {
  ...READY,
  '-f': 'CC status: OFF',
  '-q': READY['-q'].replace(': None', ': Protected PCIe'),
}

let programs = 0
function smi(states: Readonly<Record<string, string>> = READY): string {
  const path = join(folder, `smi-${programs++}`)
  const cases = Object.entries(states).map(([flag, text]) => `${flag}) printf '%s\\n' '${text}';;`)
  const script = ['#!/bin/sh', 'case "$2" in', ...cases, '*) exit 9;;', 'esac']
  writeFileSync(path, script.join('\n'), { mode: 0o755 })
  return path
}

/** A report whose request carries a nonce. */
const report = (nonce: Uint8Array): Uint8Array =>
  Uint8Array.from([0x11, 0xe0, 1, 0xff, ...nonce, 0, 0x11, 0x60])

/** NVIDIA's own collector, with devices of one kind; source is run with \`nonce\` and \`device\`. */
function nvattest(source: string): string {
  const path = join(folder, `nvattest-${programs++}`)
  const text = `#!${process.execPath}
     const args = process.argv.slice(2)
     const flag = (name) => args[args.indexOf(name) + 1]
     if (args[0] !== 'collect-evidence' || flag('--format') !== 'json') process.exit(2)
     const device = flag('--device')
     const nonce = Buffer.from(flag('--nonce').slice(2), 'hex')
     const base64 = (bytes) => Buffer.from(bytes).toString('base64')
     const item = (arch, n = nonce) => ({
       arch, nonce: n.toString('hex'), version: '1.0', certificate: base64('chain of ' + arch),
       evidence: base64([0x11, 0xe0, 1, 0xff, ...n, 0, 0x11, 0x60]),
     })
     const print = (evidences, code = 0) =>
       console.log(JSON.stringify({ result_code: code, result_message: 'x', evidences }, null, 4))
     ${source}`
  writeFileSync(path, text, { mode: 0o755 })
  return path
}

const collect = (programs: { nvattest: string; nvidiaSmi?: string }, timeoutMs = 15_000) =>
  nvidiaGpus({ nvidiaSmi: smi(), timeoutMs, ...programs }).collect(NONCE)

describe('GPUs', () => {
  test('in a confidential mode report under one nonce', async () => {
    const source = nvidiaGpus({
      nvattest: nvattest(`print([item('HOPPER'), item('HOPPER')])`),
      nvidiaSmi: smi(),
      timeoutMs: 15_000,
    })
    expect([source.name, source.untestedOnHardware]).toEqual(['nvattest', true])
    const device = { certificateChain: utf8('chain of HOPPER'), report: report(NONCE) }
    expect(await source.collect(NONCE)).toEqual(ok({ devices: [device, device] }))
  })

  test('in Protected PCIe mode report with their switches', async () => {
    const program = nvattest(`print(device === 'gpu' ? [item('HOPPER')] : [item('LS10')])`)
    const found = unwrap(await collect({ nvattest: program, nvidiaSmi: smi(PPCIE) }))
    const chains = found.devices.map(({ certificateChain }) =>
      Buffer.from(certificateChain).toString(),
    )
    expect(chains).toEqual(['chain of HOPPER', 'chain of LS10'])
  })

  test.each([
    ['cc_mode_off', { ...READY, '-f': 'CC status: OFF' }],
    ['devtools_on', { ...READY, '-d': 'DevTools Mode: ON' }],
    ['devtools_on', { ...PPCIE, '-d': 'DevTools Mode: ON' }],
    ['gpus_not_ready', { ...READY, '-grs': 'Confidential Compute GPUs Ready state: not-ready' }],
    ['answer_malformed', { ...READY, '-f': 'Unknown option' }],
    ['answer_malformed', { ...READY, '-f': 'CC status: ON\nCC status: OFF' }],
    ['answer_malformed', { ...READY, '-d': '' }],
    ['answer_malformed', { ...READY, '-grs': 'ready' }],
    ['answer_too_large', { ...READY, '-f': `CC status: ON${' '.repeat(20_000)}` }],
    ['command_failed', { '-f': 'CC status: ON' }],
  ])('are refused as %s before any device is asked', async (reason, states) => {
    const mark = join(folder, `asked-${programs++}`)
    const program = nvattest(`require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`)
    expect(await collect({ nvattest: program, nvidiaSmi: smi(states) })).toEqual(
      unavailable(reason),
    )
    expect(existsSync(mark)).toBe(false)
  })

  test.each([
    ['nonce_mismatch', `print([item('HOPPER'), item('HOPPER', Buffer.alloc(32))])`],
    ['answer_malformed', `print([])`],
    ['answer_malformed', `print(null)`],
    ['answer_malformed', `print(Array(17).fill(item('HOPPER')))`],
    ['answer_malformed', `print([{ ...item('HOPPER'), evidence: '!' }])`],
    ['answer_malformed', `print([{ ...item('HOPPER'), evidence: base64(Buffer.alloc(8193)) }])`],
    ['answer_malformed', `print([{ ...item('HOPPER'), certificate: undefined }])`],
    ['answer_malformed', `console.log('nvattest: not JSON')`],
    ['command_failed', `print([item('HOPPER')], 5)`],
    ['command_failed', `print([item('HOPPER')]); process.exitCode = 5`],
    ['command_killed', `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)`],
    ['answer_too_large', `setInterval(() => process.stdout.write('x'.repeat(65536)), 1)`],
  ])('whose collector misbehaves are refused: %s by %s', async (reason, source) => {
    expect(await collect({ nvattest: nvattest(source) })).toEqual(unavailable(reason))
  })

  test('too many, with switches, are refused', async () => {
    const program = nvattest(`print(Array(9).fill(item('HOPPER')))`)
    expect(await collect({ nvattest: program, nvidiaSmi: smi(PPCIE) })).toEqual(
      unavailable('evidence_too_large'),
    )
  })

  test('without the programs are refused', async () => {
    const none = join(folder, 'none')
    expect(await collect({ nvattest: none })).toEqual(unavailable('command_missing'))
    expect(await collect({ nvattest: none, nvidiaSmi: folder })).toEqual(
      unavailable('command_missing'),
    )
  })

  test('a collector that hangs is killed with all that it started', async () => {
    const pids = join(folder, 'pids')
    const program = nvattest(
      `const { spawn } = require('node:child_process')
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
       require('node:fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid)
       setInterval(() => {}, 1000)`,
    )
    expect(await collect({ nvattest: program }, 2_500)).toEqual(unavailable('timeout'))
    for (const pid of readFileSync(pids, 'utf8').split(' ').map(Number)) {
      await expect.poll(() => isAlive(pid)).toBe(false)
    }
  })

  test('the helper gets no environment and no input', async () => {
    const program = nvattest(
      `const text = require('node:fs').readFileSync(0, 'utf8')
       print([{ ...item('HOPPER'), certificate: base64(JSON.stringify([process.env, text])) }])`,
    )
    process.env['SECRET_OF_A_TEST'] = 'x'
    const found = unwrap(await collect({ nvattest: program }))
    delete process.env['SECRET_OF_A_TEST']
    const text = Buffer.from(found.devices[0]?.certificateChain ?? []).toString()
    expect(JSON.parse(text)).toEqual([{ LC_ALL: 'C' }, ''])
  })

  const evidence = findEvidence()
  test.skipIf(evidence === undefined)("NVIDIA's own recorded evidence is read", async () => {
    const file = 'nvidia/nvtrust__ppcie-verifier-sdk-cpp__tests__data__gpu_evidence.json'
    const path = join(evidence ?? '', file)
    const items = JSON.parse(readFileSync(path, 'utf8')) as { nonce: string }[]
    const nonce = Uint8Array.from(Buffer.from(items[0]?.nonce ?? '', 'hex'))
    const program = nvattest(
      `print(JSON.parse(require('node:fs').readFileSync(${JSON.stringify(path)})))`,
    )
    const source = nvidiaGpus({ nvattest: program, nvidiaSmi: smi(), timeoutMs: 15_000 })
    const found = unwrap(await source.collect(nonce))
    expect(found.devices).toHaveLength(8)
    expect(bytesToHex(found.devices[7]?.report.subarray(4, 36) ?? new Uint8Array())).toBe(
      bytesToHex(nonce),
    )
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
