import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkImport } from './check.ts'
import { readImports } from './read-imports.ts'

const roots: string[] = []

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

describe('checkImport over a workspace on disk', () => {
  it('accepts imports that go down', () => {
    expect(problemsOf('crypto', `import { ok } from '@tacit/base'`)).toEqual([])
  })

  it('reports an import that goes up', () => {
    const problems = problemsOf('crypto', `import { x } from '@tacit/runtime'`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('@tacit/crypto (layer 1) imports @tacit/runtime (layer 3)')
  })

  it('reports an import that goes up over several lines, in an export and at run time', () => {
    for (const source of [
      `import {\n  x,\n} from '@tacit/runtime'`,
      `export * from '@tacit/runtime'`,
      `const late = await import('@tacit/runtime')`,
    ]) {
      expect(problemsOf('crypto', source)).toHaveLength(1)
    }
  })

  it.each(['runtime', 'enclave', 'sdk', 'attestation'])('keeps platform-dev out of %s', (name) => {
    const problems = problemsOf(name, `import { x } from '@tacit/platform-dev'`)
    expect(problems.join()).toContain(`@tacit/${name} may never import @tacit/platform-dev`)
  })

  it('reports what is missing from package.json', () => {
    expect(problemsOf('crypto', `import x from 'left-pad'`).join()).toContain('left-pad is not a')
  })

  it('reports a Node built-in where browsers run the code', () => {
    expect(problemsOf('sdk', `import fs from 'node:fs'`).join()).toContain('runs in browsers too')
    expect(problemsOf('node', `import fs from 'node:fs'`)).toEqual([])
  })

  it('reports siblings that import an index', () => {
    expect(problemsOf('sdk', `import { x } from './index.ts'`).join()).toContain('imports an index')
  })

  it('reports a package without a layer', () => {
    expect(problemsOf('stranger', `import { ok } from '@tacit/base'`).join()).toContain('no layer')
  })
})

function problemsOf(name: string, source: string): string[] {
  const root = mkdtempSync(join(tmpdir(), 'layers-'))
  roots.push(root)
  const directory = join(root, 'packages', name)
  mkdirSync(join(directory, 'src'), { recursive: true })
  mkdirSync(join(root, 'apps'))
  mkdirSync(join(root, 'examples'))
  const dependencies = { '@tacit/base': '1', '@tacit/runtime': '1', '@tacit/platform-dev': '1' }
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: `@tacit/${name}`, dependencies }),
  )
  writeFileSync(join(directory, 'src/file.ts'), source)
  return readImports(root).flatMap(checkImport)
}
