import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { bundlePage } from './bundle-page.ts'

it('is one script for browsers, small enough for a first visit', async () => {
  const script = await bundlePage()
  // esbuild leaves an import of a built-in where it cannot resolve one for browsers.
  expect(new TextDecoder().decode(script)).not.toMatch(/["']node:|require\(["']|\bBuffer\./)
  expect(gzipSync(script).length).toBeLessThan(230_000)
})

it('brings a whole verifier of evidence in less than 100 KB', async () => {
  const contents = `
    export * from '@tacit/attestation'
    export { evidenceHashes, webcrypto } from '@tacit/crypto/webcrypto'`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    write: false,
  })
  const [file] = outputFiles
  if (!file) throw new Error('esbuild gave no output')
  expect(file.text).not.toMatch(/["']node:|require\(["']|\bBuffer\./)
  expect(gzipSync(file.contents).length).toBeLessThan(100_000)
})
