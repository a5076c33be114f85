// A stream of server-sent events.
//
// Read with fetch rather than EventSource, for three things that the latter
// hides: the comments that tell a quiet stream from a dead one, the status of
// a refusal, and headers, so that a bearer token needs no ticket.  What it
// shares with WebSocketStream is said there.

import { SseParser } from "./sse_parser.js"
import { Watchdog } from "./watchdog.js"

export class SseStream {
  static transport = "sse"
  #watchdog
  #abort = new AbortController()
  over

  constructor({ address, headers, heard, timing, fetch = globalThis.fetch }) {
    this.#watchdog = new Watchdog({ open_ms: timing.open_ms, dead: () => this.close() })
    this.over = this.#read(fetch, address, headers, heard)
      .catch(() => 0)
      .then((status) => {
        this.close()
        return { status }
      })
  }

  // Only the server can speak here, so a second heartbeat is its grace.
  opened(heartbeat_ms) {
    this.#watchdog.opened({ silence_ms: heartbeat_ms, grace_ms: heartbeat_ms })
  }

  // There is no asking.  Silence will tell.
  doubt() {}

  send() {
    return false
  }

  close() {
    this.#watchdog.stop()
    this.#abort.abort()
  }

  async #read(fetch, address, headers, heard) {
    const response = await fetch(address, {
      headers: { Accept: "text/event-stream", ...headers },
      credentials: "same-origin",
      cache: "no-store",
      signal: this.#abort.signal,
    })
    if (!response.ok) return response.status

    const parser = new SseParser()
    const utf8 = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return response.status
      this.#watchdog.heard()
      for (const data of parser.feed(utf8.decode(value, { stream: true })))
        heard(JSON.parse(data), this)
    }
  }
}
