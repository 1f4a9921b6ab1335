/** Where an outbox posts to. */
export type Poster<Message> = {
  postMessage(messages: readonly Message[], transfer: readonly ArrayBuffer[]): void
}

/** Messages on their way to another thread. */
export interface Outbox<Message> {
  send(message: Message): void
  /** Reserves a message's place; it is made when the turn ends, of what was gathered until then. */
  sendLate(make: () => Message): void
}

/**
 * Gathers the messages of one turn of the event loop and posts them as one, in order: what wakes
 * another thread costs more than what it carries.
 * @param transferOf the buffers that are handed over with a message instead of being copied.
 */
export function createOutbox<Message>(
  port: Poster<Message>,
  transferOf: (message: Message) => readonly ArrayBuffer[],
): Outbox<Message> {
  let waiting: (() => Message)[] = []
  function post(): void {
    const messages = waiting.map((make) => make())
    waiting = []
    port.postMessage(messages, messages.flatMap(transferOf))
  }
  const sendLate = (make: () => Message): void => {
    if (waiting.push(make) === 1) setImmediate(post)
  }
  return { send: (message) => sendLate(() => message), sendLate }
}
