import type { NrasError } from '../../nvidia/nras/errors.ts'
import { malformed, type NrasCase } from './case.ts'

type Reason = Extract<NrasError, { code: 'nras_malformed' }>['reason']

/** Answers for GPU-0 and GPU-1 whose tokens do not go together. */
export const RESULT_CASES: readonly NrasCase[] = [
  result('a device left out', (json) => json.replace(/\{"GPU-0":"[^"]*",/, '{'), {
    code: 'nras_submodule_mismatch',
    token: 'GPU-0',
  }),
  result('a device added', (json) => json.replace(/"GPU-0":("[^"]*")/, '"GPU-0":$1,"GPU-7":$1'), {
    code: 'nras_submodule_mismatch',
    token: 'GPU-7',
  }),
  result(
    'devices in each other’s place',
    (json) => json.replace(/"GPU-0":("[^"]*"),"GPU-1":("[^"]*")/, '"GPU-0":$2,"GPU-1":$1'),
    { code: 'nras_submodule_mismatch', token: 'GPU-0' },
  ),
  result(
    'a device twice',
    (json) => json.replace(/"GPU-0":("[^"]*")/, '"GPU-0":$1,"GPU-0":$1'),
    inResult('name_duplicate', ''),
  ),
  result('no device', (json) => json.replace(/\{.*\}/, '{}'), inResult('value_invalid', '[1]')),
  result(
    'a name that is no device’s',
    (json) => json.replace('GPU-0', 'GPU-'),
    inResult('value_invalid', '[1]'),
  ),
  result(
    'a device that is no text',
    (json) => json.replace(/"GPU-0":"[^"]*"/, '"GPU-0":["JWT"]'),
    inResult('value_invalid', '[1].GPU-0'),
  ),
  result(
    'another kind of token',
    (json) => json.replace('"JWT"', '"CWT"'),
    inResult('value_invalid', '[0][0]'),
  ),
  result(
    'the overall token without its devices',
    (json) => json.replace(/,\{.*\}\]/, ']'),
    inResult('value_invalid', ''),
  ),
  result('a third part', (json) => json.replace(/\]$/, ',1]'), inResult('too_many', '')),
  result('no JSON', (json) => json.slice(0, -1), inResult('not_json', '')),
  result(
    'a device token in the place of the overall one',
    (json) => json.replace(/"JWT","[^"]*"(.*"GPU-0":)("[^"]*")/, '"JWT",$2$1$2'),
    malformed('missing', 'sub'),
  ),
  result('arrays without end', () => '['.repeat(1000), inResult('too_deep', '')),
  result('256 KiB', (json) => json + ' '.repeat(256 * 1024), inResult('too_long', '')),
]

function result(
  name: string,
  editResult: (json: string) => string,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editResult }, expected }
}

function inResult(reason: Reason, path: string): NrasCase['expected'] {
  return { code: 'nras_malformed', token: 'result', reason, path }
}
