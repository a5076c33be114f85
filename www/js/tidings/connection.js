// The live connection: keeps one stream open, whatever it takes.
//
// The ladder is WebSocket, then server-sent events, then polling.  A rung
// that fails before its hello hands over to the next one; WebSocket, once it
// has worked here, is given a few tries before it counts as blocked.
// While no stream is open, polling carries on in its place, and the ladder is
// tried again from the top, less and less often.  Where WebSocket proves
// blocked it is left alone for a while.
//
// It knows its position, the newest event_id received, and resumes there.
// It neither drops repeats nor knows what an event means, beside the few that
// are about the connection itself.

import { Backoff, Pause } from "./backoff.js"
import { poll } from "./polling.js"
import { SseStream } from "./sse.js"
import { WebSocketStream } from "./websocket.js"

export const TIMING = {
  open_ms: 10_000, // until a stream has to say hello
  grace_ms: 10_000, // until a probed stream has to answer
  poll_ms: 3_000,
  base_ms: 500, // the first wait before a stream is tried again ...
  cap_ms: 30_000, // ... and the longest
  blocked_ms: 300_000, // how long blocked WebSocket is left alone
}

const PROVEN_TRIES = 3
const FINAL = new Set(["revoked", "expired", "disabled"])

export class Connection {
  #api
  #environment
  #timing
  #received
  #answered
  #changed
  #backoff
  #pause = new Pause()
  #stream = null
  #state = { state: "connecting", transport: null }
  #ended = null
  #stopped = false
  #webSocket = { proven: false, failures: 0, blockedUntil_ms: 0 }

  // received(event, after): what came, and the position it came after.
  // answered(frame): the answer to a frame.  changed(state): see state.
  constructor({ api, environment, timing, received, answered, changed }) {
    this.#api = api
    this.#environment = environment
    this.#timing = { ...TIMING, ...timing }
    this.#received = received
    this.#answered = answered
    this.#changed = changed
    this.#backoff = new Backoff(this.#timing)
  }

  position = 0

  // {state: "connecting"|"live"|"offline"|"ended", transport, reason?}
  get state() {
    return this.#state
  }

  // Keeps going until stop() or until the session has ended.
  async run(position) {
    this.position = position
    while (!this.#over) {
      for (const Transport of this.#ladder()) {
        if (this.#over || await this.#follow(Transport)) break
      }
      if (!this.#over) await this.#bridge(this.#backoff.next())
    }
  }

  stop() {
    this.#stopped = true
    this.#stream?.close()
    this.#pause.wake()
  }

  // The network may be back, or a person is looking: doubt everything.
  nudge() {
    if (this.#stream) {
      this.#stream.doubt()
    } else {
      this.#backoff.reset()
      this.#pause.wake()
    }
  }

  // Send a frame over the stream; false where that can't be done.
  send(frame) {
    return this.#state.state === "live" && Boolean(this.#stream?.send(frame))
  }

  get #over() {
    return this.#stopped || this.#ended !== null
  }

  #ladder() {
    const { proven, failures, blockedUntil_ms } = this.#webSocket
    if (!this.#environment.WebSocket || Date.now() < blockedUntil_ms) return [SseStream]
    if (proven && failures < PROVEN_TRIES) return [WebSocketStream]
    return [WebSocketStream, SseStream]
  }

  // One stream, from its opening to its end.  True if it has been live.
  async #follow(Transport) {
    let liveSince_ms = 0
    let upgrade
    const stream = await this.#open(Transport, (event, stream) => {
      if (event.type === "hello") {
        liveSince_ms = Date.now()
        stream.opened(event.heartbeat * 1000, this.#timing)
        this.#live(Transport)
        upgrade = this.#upgradeLater(stream)
      }
      this.#heard(event)
    })
    if (!stream) return false

    this.#stream = stream
    if (this.#over) stream.close()
    const { status } = await stream.over
    this.#stream = null
    clearTimeout(upgrade)

    const live = liveSince_ms > 0
    if (Transport === WebSocketStream && !live) this.#webSocket.failures++
    if (status === 401) this.#end("expired")
    if (live && !this.#over) this.#become("connecting")
    // A stream that never lasts must not be opened again and again at once.
    if (live && Date.now() - liveSince_ms >= this.#timing.open_ms) this.#backoff.reset()
    return live
  }

  async #open(Transport, heard) {
    const { WebSocket, fetch } = this.#environment
    const isSocket = Transport === WebSocketStream
    const parameters = { since: this.position }
    try {
      if (isSocket && this.#api.hasToken) parameters.ticket = (await this.#api.ticket()).ticket
      return new Transport({
        address: isSocket ? this.#socketUrl(parameters) : this.#api.streamUrl("/events", parameters),
        headers: isSocket ? {} : await this.#api.headers(),
        heard,
        timing: this.#timing,
        WebSocket,
        fetch,
      })
    } catch (error) {
      if (error.status === 401) this.#end("expired")
      return null
    }
  }

  #socketUrl(parameters) {
    const address = new URL(this.#api.streamUrl("/ws", parameters), this.#environment.location)
    address.protocol = address.protocol.replace("http", "ws")
    return address.href
  }

  // Server-sent events make way when WebSocket is worth another try.
  #upgradeLater(stream) {
    if (stream instanceof WebSocketStream || !this.#environment.WebSocket) return undefined
    return setTimeout(() => stream.close(), this.#webSocket.blockedUntil_ms - Date.now())
  }

  #live(Transport) {
    const webSocket = this.#webSocket
    if (Transport === WebSocketStream) {
      webSocket.proven = true
      webSocket.failures = 0
    } else if (Date.now() >= webSocket.blockedUntil_ms) {
      webSocket.blockedUntil_ms = Date.now() + this.#timing.blocked_ms
    }
    this.#become("live", Transport.transport)
  }

  #heard(event) {
    if (event.type === "pong") return
    if (event.type === "message_sent" || event.type === "error") {
      this.#answered(event)
      return
    }
    if (event.type === "session_ended" && FINAL.has(event.reason)) this.#end(event.reason)
    const after = this.position
    if (event.event_id && event.type !== "hello") this.position = event.event_id
    this.#received(event, after)
  }

  // Until the ladder is tried again, ask what has happened.  A short wait is
  // only waited.
  async #bridge(wait_ms) {
    const until_ms = Date.now() + wait_ms
    if (wait_ms < 2 * this.#timing.base_ms) {
      await this.#pause.wait(wait_ms)
      return
    }
    while (!this.#over && Date.now() < until_ms) {
      await this.#poll()
      if (this.#over) return
      const left_ms = Math.max(0, until_ms - Date.now())
      const woken = await this.#pause.wait(Math.min(this.#timing.poll_ms, left_ms))
      if (woken) return
    }
  }

  async #poll() {
    try {
      await poll(this.#api, this.position, (event) => this.#heard(event), () => this.#over)
      if (!this.#over) this.#become("live", "polling")
    } catch (error) {
      if (error.status === 401) this.#end("expired")
      else this.#become("offline")
    }
  }

  #end(reason) {
    this.#ended ??= reason
    this.#become("ended")
    this.#stream?.close()
  }

  #become(state, transport = null) {
    if (state === this.#state.state && transport === this.#state.transport) return
    this.#state = this.#ended === null ? { state, transport } : { state, transport, reason: this.#ended }
    this.#changed(this.#state)
  }
}
