// A stream over WebSocket: events in, frames out.
//
// Every transport is a class like this one: new Transport(options) opens it,
// .over is a promise that resolves, never rejects, when it has ended, to
// {status} (an HTTP status where the browser tells it, else 0).

import { Watchdog } from "./watchdog.js"

export class WebSocketStream {
  static transport = "websocket"
  #socket
  #watchdog
  #end
  over = new Promise((resolve) => { this.#end = resolve })

  // address: of the stream.  heard(event, stream): each frame
  // that came.
  constructor({ address, heard, timing, WebSocket = globalThis.WebSocket }) {
    this.#watchdog = new Watchdog({
      open_ms: timing.open_ms,
      probe: () => this.send({ type: "ping" }),
      dead: () => this.close(),
    })
    try {
      this.#socket = new WebSocket(address)
    } catch {
      this.#ended()
      return
    }
    this.#socket.onmessage = ({ data }) => {
      this.#watchdog.heard()
      heard(JSON.parse(data), this)
    }
    this.#socket.onclose = () => this.#ended()
  }

  // hello came: from now on the stream is heard of every heartbeat_ms.
  opened(heartbeat_ms, timing) {
    this.#watchdog.opened({ silence_ms: heartbeat_ms, grace_ms: timing.grace_ms })
  }

  doubt() {
    this.#watchdog.doubt()
  }

  // False if it cannot be sent now.
  send(frame) {
    if (this.#socket?.readyState !== 1) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  // Doesn't wait for the peer, which may be long gone.
  close() {
    this.#socket?.close()
    this.#ended()
  }

  #ended() {
    this.#watchdog.stop()
    if (this.#socket) this.#socket.onmessage = this.#socket.onclose = null
    this.#end({ status: 0 })
  }
}
