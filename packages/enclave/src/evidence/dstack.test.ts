import { createServer, type Server } from 'node:http'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { bytesToHex, err, ok, parseHex, toHex, unwrap } from '@tacit/base'
import { createDevPlatform } from '@tacit/platform-dev'
import { findEvidence } from '../../../../vectors/evidence.ts'
import { filled } from '../testing/test-bytes.ts'
import { dstack } from './dstack.ts'

const folder = mkdtempSync(join(tmpdir(), 'tacit-dstack-'))
const td = createDevPlatform({ seed: filled(7), now: 1_780_000_000 }).launchTd({
  image: filled(1, 48),
  role: 'contracts',
})
const DATA = filled(9, 64)
const unavailable = (reason: string) => err({ code: 'evidence_unavailable', reason })

interface Agent {
  readonly socketPath: string
  readonly asked: { path: string; body: unknown }[]
}
type Reply = (body: {
  readonly report_data: string
}) => { status?: number; body: string } | undefined

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

let agents = 0
/** A guest agent; a reply that is undefined never comes. */
async function serveAgent(reply: Reply, name = 'dstack.sock'): Promise<Agent> {
  const socketPath = join(folder, `${agents++}-${name}`)
  const asked: Agent['asked'] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      const body = JSON.parse(text) as { report_data: string }
      asked.push({ path: request.url ?? '', body })
      const answer = reply(body)
      if (answer === undefined) return
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      response.end(answer.body)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return { socketPath, asked }
}

const quoteFor = (hex: string): string => bytesToHex(td.quote(unwrap(parseHex(hex))))
const collect = ({ socketPath }: Pick<Agent, 'socketPath'>, timeoutMs = 2_000) =>
  dstack({ socketPath, timeoutMs }).collect(DATA)

describe("dstack's agent", () => {
  test('is asked as 0.5 and 0.6 want it', async () => {
    const agent = await serveAgent(({ report_data }) => ({
      body: JSON.stringify({
        quote: quoteFor(report_data),
        event_log: '[]',
        report_data,
        vm_config: '{}',
      }),
    }))
    const source = dstack({ socketPath: agent.socketPath, timeoutMs: 1_000 })
    expect([source.name, source.untestedOnHardware]).toEqual(['dstack', true])
    expect(await source.collect(DATA)).toEqual(
      ok({ type: 'Dcap', value: { quote: td.quote(DATA) } }),
    )
    expect(agent.asked).toEqual([{ path: '/GetQuote', body: { report_data: bytesToHex(DATA) } }])
  })

  test('is asked for raw report data where it would hash it', async () => {
    const agent = await serveAgent(
      ({ report_data }) => ({ body: JSON.stringify({ quote: `0x${quoteFor(report_data)}` }) }),
      'tappd.sock',
    )
    expect(await collect(agent)).toMatchObject({ ok: true })
    expect(agent.asked).toEqual([
      {
        path: '/prpc/Tappd.TdxQuote?json',
        body: { report_data: bytesToHex(DATA), hash_algorithm: 'raw' },
      },
    ])
  })

  test.each([
    ['report_data_mismatch', { body: JSON.stringify({ quote: quoteFor(toHex(filled(1, 64))) }) }],
    ['evidence_malformed', { body: JSON.stringify({ quote: '00'.repeat(64) }) }],
    ['answer_malformed', { body: JSON.stringify({ quote: 'no hex' }) }],
    ['answer_malformed', { body: JSON.stringify({ quote: '00'.repeat(16_386) }) }],
    ['answer_malformed', { body: '{}' }],
    ['answer_malformed', { body: 'nonsense' }],
    ['answer_too_large', { body: ' '.repeat(262_145) }],
    ['agent_refused', { status: 400, body: '{"error":"no"}' }],
    ['agent_refused', { status: 302, body: '' }],
    ['timeout', undefined],
  ])('is refused: %s', async (reason, answer) => {
    const agent = await serveAgent(() => answer)
    expect(await collect(agent, 300)).toEqual(unavailable(reason))
  })

  test('that hangs up in the middle of its answer is refused', async () => {
    const socketPath = join(folder, `${agents++}-cut.sock`)
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"quote":', () => response.destroy())
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    expect(await collect({ socketPath })).toEqual(unavailable('socket_closed'))
  })

  test('that hangs up is refused, as is none at all', async () => {
    const agent = await serveAgent(() => {
      servers[0]?.closeAllConnections()
      return undefined
    })
    expect(await collect(agent)).toEqual(unavailable('socket_failed'))
    expect(await collect({ socketPath: join(folder, 'none') })).toEqual(
      unavailable('socket_failed'),
    )
  })

  const folderOfEvidence = findEvidence()
  test.skipIf(folderOfEvidence === undefined)('a real answer is read', async () => {
    const path = join(folderOfEvidence ?? '', 'dcap/dstack-quote-report.json')
    const body = readFileSync(path, 'utf8')
    const real = JSON.parse(body) as { quote: string; report_data: string }
    const agent = await serveAgent(() => ({ body }))
    const source = dstack({ socketPath: agent.socketPath, timeoutMs: 1_000 })
    expect(await source.collect(unwrap(parseHex(real.report_data)))).toEqual(
      ok({ type: 'Dcap', value: { quote: unwrap(parseHex(real.quote)) } }),
    )
  })
})
