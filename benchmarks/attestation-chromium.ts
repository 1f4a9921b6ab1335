import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { DcapInput } from '@tacit/attestation'
import { findChromium } from '../compat/browser/find-chromium.ts'
import { requirePeer } from './peers.ts'
import { median, type BenchCase } from './result.ts'

interface Page {
  goto(url: string): Promise<unknown>
  evaluate<T, A>(run: (argument: A) => Promise<T>, argument: A): Promise<T>
}
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<{
      newPage(): Promise<Page>
      close(): Promise<void>
    }>
  }
}

/**
 * The same verification in headless Chromium, over WebCrypto: from bytes to verdict. The first
 * tenth warms up; no peer runs there with WebCrypto.
 */
export async function benchChromium(folder: string, input: DcapInput): Promise<BenchCase> {
  const executablePath = findChromium()
  const { chromium } = requirePeer<Playwright>(folder, 'playwright-core')
  const server = createServer(await servePage())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const times = await page.evaluate(async ({ evidence, root, now }) => {
      const page = globalThis as unknown as PageGlobals
      return page.timeVerifications(evidence, root, now)
    }, encodeInput(input))
    const warm = times.slice(Math.floor(times.length / 10))
    const ours = Math.round(median(warm) * 1000) / 1000
    return { name: 'tdx-v4-cold-chromium', unit: 'ms', ours, ratio: {} }
  } finally {
    await browser.close()
    server.close()
  }
}

interface PageGlobals {
  timeVerifications(evidence: object, root: string, now: number): Promise<number[]>
}

function encodeInput({ quote, collateral, roots, now }: DcapInput) {
  const base64 = (bytes: Uint8Array | undefined): string =>
    Buffer.from(bytes ?? new Uint8Array()).toString('base64')
  const parts = Object.entries({ quote, ...collateral }).map(([name, bytes]) => [
    name,
    base64(bytes),
  ])
  const evidence: Record<string, string> = Object.fromEntries(parts)
  return { evidence, root: base64(roots[0]?.certificate), now }
}

async function servePage(): Promise<Parameters<typeof createServer>[1]> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'attestation/chromium-page.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    write: false,
  })
  const script = outputFiles[0]?.contents ?? new Uint8Array()
  return (request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
    )
  }
}
