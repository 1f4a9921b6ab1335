import { toHex } from '../hex.ts'
import type { Methods } from '../json-rpc.ts'
import type { RpcServices } from '../services.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'

export function grandpaMethods({ chain }: RpcServices): Methods {
  return {
    grandpa_subscribeJustifications: (_, call) =>
      subscribe(call, 'grandpa_justifications', (notify) =>
        chain.onJustified(({ justification }) => notify(toHex(justification))),
      ),
    grandpa_unsubscribeJustifications: unsubscribe,
  }
}
